using System.Net;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>An instance that is told to stop, as a load balancer sees it.</summary>
public sealed class StopTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-plane-" + Guid.NewGuid().ToString("n")[..12]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_says_that_it_stops_while_it_serves_on()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var plane = await PlaneProcess.StartAsync(_folder, "--StopDelay", "00:00:10", "--Rates:AnonymousPerSecond", "1000");
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await ReadyAsync());

        plane.Terminate();
        (HttpStatusCode Status, string Text) ready;
        do { ready = await ReadyAsync(); }
        while (ready.Status is HttpStatusCode.OK);
        // On a connection of its own, as a load balancer that has not looked yet would make.
        using var newcomer = new HttpClient { BaseAddress = plane.Http.BaseAddress };
        using var served = await newcomer.GetAsync("/v1/service", patience.Token);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy\nstopping"), ready);
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.Equal(0, await plane.WaitAsync());

        async Task<(HttpStatusCode, string)> ReadyAsync()
        {
            using var answer = await plane.Http.GetAsync("/health/ready", patience.Token);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(patience.Token));
        }
    }
}
