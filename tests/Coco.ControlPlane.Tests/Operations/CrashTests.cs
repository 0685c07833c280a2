using System.Net.Http.Headers;
using System.Text.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>The real program, killed, stopped and starved.</summary>
public sealed class CrashTests(PostgreSqlServer server) : IAsyncLifetime
{
    private static readonly int Kills = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 50 : 4;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-plane-" + Guid.NewGuid().ToString("n")[..12]);

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_acknowledged_is_there_after_each_kill_and_what_is_repeated_happens_once(bool isPostgreSql)
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere || !isPostgreSql, "PostgreSQL is not installed");
        var location = isPostgreSql ? "postgres:" + await server.CreateDatabaseAsync() : "sqlite:" + Path.Combine(_folder, "control.db");
        ServerSecret.Open(Path.Combine(_folder, "secret"), mayCreate: true).Dispose();
        var random = new Random(11);
        var acknowledged = new HashSet<string>(StringComparer.Ordinal);
        var asked = 0;
        string[]? tokens = null;

        for (var kill = 0; kill <= Kills; kill++)
        {
            using var plane = await PlaneProcess.StartAsync(_folder, "--Database", location, "--Rates:CallerPerSecond", "100000");
            tokens ??= await AppLoad.SignInAsync(location, 200);
            // Whoever got no answer asks again, under the same key.
            for (var i = 0; i < asked; i++)
            {
                if (!acknowledged.Contains($"app {i}")) { Assert.True(await AppLoad.CreateAsync(plane.Http, tokens, i)); acknowledged.Add($"app {i}"); }
            }
            Assert.Equal(acknowledged.Order(StringComparer.Ordinal), (await AppLoad.ListAsync(plane.Http, tokens)).Order(StringComparer.Ordinal));
            if (kill == Kills) { break; }

            var dying = Task.Run(async () =>
            {
                await Task.Delay(random.Next(20, 400)); // when it is killed is what is varied
                await plane.KillAsync();
            });
            while (await AppLoad.CreateAsync(plane.Http, tokens, asked++)) { acknowledged.Add($"app {asked - 1}"); }
            await dying;
        }

        Assert.True(acknowledged.Count > Kills, $"only {acknowledged.Count} apps");
    }

    [Fact]
    public async Task Told_to_stop_it_answers_what_is_under_way_and_ends_with_0()
    {
        using var plane = await PlaneProcess.StartAsync(_folder);
        var token = (await AppLoad.SignInAsync("sqlite:" + Path.Combine(_folder, "control.db"), 1))[0];
        var body = new SlowContent(JsonSerializer.SerializeToUtf8Bytes(AppLoad.Wish(1), ApiJson.Options));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/apps") { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.ExpectContinue = true; // so that the body begins when the other end has begun to read it
        using var patient = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromSeconds(30) }) { BaseAddress = plane.Http.BaseAddress };
        var answering = patient.SendAsync(request);
        await body.Begun.WaitAsync(TimeSpan.FromSeconds(30));

        plane.Terminate();
        // It takes no new connections from here on; what is under way goes on.
        using var other = new HttpClient { BaseAddress = plane.Http.BaseAddress };
        await UntilAsync(async () =>
        {
            try
            {
                using var ready = await other.GetAsync("/health/ready");
                return false;
            }
            catch (HttpRequestException)
            {
                return true;
            }
        });
        body.Finish();

        using var answer = await answering.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(System.Net.HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(0, await plane.WaitAsync());
    }

    [Fact]
    public async Task On_a_full_disk_nothing_is_half_done_and_it_goes_on_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(Path.Combine(_folder, "disk"), "size=6m,mode=700");
        using var plane = await PlaneProcess.StartAsync(disk.Folder, "--Rates:CallerPerSecond", "100000");
        var tokens = await AppLoad.SignInAsync("sqlite:" + Path.Combine(disk.Folder, "control.db"), 100);
        var acknowledged = new List<string>();
        for (var i = 0; i < 10; i++) { Assert.True(await AppLoad.CreateAsync(plane.Http, tokens, i)); acknowledged.Add($"app {i}"); }
        disk.Fill();

        HttpResponseMessage? refused = null;
        for (var i = 10; refused is null && i < 3000; i++)
        {
            var answer = await AppLoad.PostAsync(plane.Http, tokens, i);
            if (answer.IsSuccessStatusCode) { acknowledged.Add($"app {i}"); }
            else { refused = answer; }
        }
        Assert.Contains("urn:coco:problem:storage-full", await refused!.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(507, (int)refused.StatusCode);
        Assert.Equal(acknowledged.Order(StringComparer.Ordinal), (await AppLoad.ListAsync(plane.Http, tokens)).Order(StringComparer.Ordinal));

        disk.Free();
        await UntilAsync(async () => (await AppLoad.PostAsync(plane.Http, tokens, acknowledged.Count)).IsSuccessStatusCode);
        Assert.Equal(acknowledged.Count + 1, (await AppLoad.ListAsync(plane.Http, tokens)).Count);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition()) { await Task.Delay(20, patience.Token); }
    }
}
