using System.Net;
using System.Text;

namespace Coco.ControlPlane.Tests.Operations;

public sealed class TelemetryTests
{
    [Fact]
    public async Task A_collector_gets_metrics_and_traces_and_nothing_of_who_asked()
    {
        using var collector = new HttpListener();
        var port = Start(collector);
        var received = CollectAsync(collector);
        string token;
        await using (var plane = await TestPlane.StartAsync(null, settings => settings with { OtlpEndpoint = $"http://127.0.0.1:{port}" }))
        {
            (_, token) = await plane.CreateAccountAsync();
            using var response = await plane.SendAsync("GET", "/v1/service", token);
        }
        collector.Stop();

        var all = await received.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Contains(all, one => one.Path == "/v1/metrics" && one.Body.Contains("http.server.request.duration", StringComparison.Ordinal));
        Assert.Contains(all, one => one.Path == "/v1/traces" && one.Body.Contains("GET /v1/service", StringComparison.Ordinal));
        Assert.DoesNotContain(all, one => one.Body.Contains(token, StringComparison.Ordinal));
    }

    private static int Start(HttpListener collector)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            collector.Prefixes.Clear();
            collector.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                collector.Start();
                return port;
            }
            catch (HttpListenerException) when (attempt < 5)
            {
            }
        }
    }

    private static async Task<List<(string Path, string Body)>> CollectAsync(HttpListener collector)
    {
        var received = new List<(string, string)>();
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await collector.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return received;
            }
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            received.Add((context.Request.Url!.AbsolutePath, Encoding.Latin1.GetString(body.ToArray())));
            context.Response.Close();
        }
    }
}
