using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>The database's server, killed and starved under a control plane that goes on. Servers of these tests' own.</summary>
public sealed class DatabaseCrashTests : IAsyncLifetime
{
    private static readonly int Kills = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 30 : 2;

    private const int Writers = 4;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-plane-" + Guid.NewGuid().ToString("n")[..12]);

    public ValueTask InitializeAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        Directory.CreateDirectory(_folder);
        ServerSecret.Open(Path.Combine(_folder, "secret"), mayCreate: true).Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (Directory.Exists(_folder)) { Directory.Delete(_folder, recursive: true); }
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_each_kill_of_the_database_and_the_control_plane_goes_on()
    {
        await using var server = new PostgreSqlServer { Options = "" }; // with fsync, as people have it
        var location = "postgres:" + await server.CreateDatabaseAsync();
        using var plane = await PlaneProcess.StartAsync(_folder, "--Database", location, "--Rates:CallerPerSecond", "100000");
        var tokens = await AppLoad.SignInAsync(location, 400);
        var random = new Random(12);
        var (acknowledged, asked) = (new HashSet<string>(StringComparer.Ordinal), 0);

        for (var kill = 0; kill < Kills; kill++)
        {
            var dying = Task.Run(async () =>
            {
                await Task.Delay(random.Next(100, 600)); // when it is killed is what is varied
                await server.KillAsync();
            });
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
            {
                for (var isTaken = true; isTaken;)
                {
                    var number = Interlocked.Increment(ref asked) - 1;
                    using var answer = await AppLoad.PostAsync(plane.Http, tokens, number);
                    isTaken = answer.IsSuccessStatusCode;
                    if (isTaken) { lock (acknowledged) { acknowledged.Add($"app {number}"); } }
                    else { await AssertRefusedAsync(answer, 503, "urn:coco:problem:unavailable"); }
                }
            }));
            await dying;
            using (var live = await plane.Http.GetAsync("/health/live")) { Assert.Equal(200, (int)live.StatusCode); }
            using (var ready = await plane.Http.GetAsync("/health/ready")) { Assert.Equal(503, (int)ready.StatusCode); }
            using (var reading = await AppLoad.GetAsync(plane.Http, tokens[0])) { await AssertRefusedAsync(reading, 503, "urn:coco:problem:unavailable"); }

            await server.StartAgainAsync();
            // The same control plane finds it, and whoever got no answer asks again, under the same key.
            for (var i = 0; i < asked; i++)
            {
                if (acknowledged.Contains($"app {i}")) { continue; }
                var number = i;
                await UntilAsync(() => AppLoad.CreateAsync(plane.Http, tokens, number));
                acknowledged.Add($"app {i}");
            }
            Assert.Equal(acknowledged.Order(StringComparer.Ordinal), (await AppLoad.ListAsync(plane.Http, tokens)).Order(StringComparer.Ordinal));
        }

        Assert.True(acknowledged.Count > 2 * Kills, $"only {acknowledged.Count} apps");
        TestContext.Current.TestOutputHelper?.WriteLine($"{Kills} kills: {acknowledged.Count} apps");
    }

    [Fact]
    public async Task On_a_full_disk_of_the_database_what_is_there_is_read_and_it_goes_on_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(Path.Combine(_folder, "disk"), "size=96m,mode=755");
        await using var server = new PostgreSqlServer { Place = disk.Folder };
        var location = "postgres:" + await server.CreateDatabaseAsync();
        using var plane = await PlaneProcess.StartAsync(_folder, "--Database", location, "--Rates:CallerPerSecond", "100000");
        var tokens = await AppLoad.SignInAsync(location, 200);
        var acknowledged = new List<string>();
        for (var i = 0; i < 10; i++) { Assert.True(await AppLoad.CreateAsync(plane.Http, tokens, i)); acknowledged.Add($"app {i}"); }
        disk.Fill();

        var asked = 10;
        for (var isTaken = true; isTaken; asked++)
        {
            using var answer = await AppLoad.PostAsync(plane.Http, tokens, asked);
            isTaken = answer.IsSuccessStatusCode;
            if (isTaken) { acknowledged.Add($"app {asked}"); }
            else { await AssertRefusedAsync(answer, 507, "urn:coco:problem:storage-full"); }
        }
        Assert.Equal(acknowledged.Order(StringComparer.Ordinal), (await AppLoad.ListAsync(plane.Http, tokens)).Order(StringComparer.Ordinal));
        Assert.Equal("Healthy", await plane.Http.GetStringAsync("/health/ready"));

        disk.Free();
        // What was refused is done once when it is asked again.
        for (var i = asked - 1; i < asked + 10; i++) { Assert.True(await AppLoad.CreateAsync(plane.Http, tokens, i)); acknowledged.Add($"app {i}"); }
        Assert.Equal(acknowledged.Order(StringComparer.Ordinal), (await AppLoad.ListAsync(plane.Http, tokens)).Order(StringComparer.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine($"full after {asked - 1} apps");
    }

    // RFC 9110 §15.6.4: with how long to wait.
    private static async Task AssertRefusedAsync(HttpResponseMessage answer, int status, string type)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode}: {text}");
        Assert.Contains($"\"type\":\"{type}\"", text, StringComparison.Ordinal);
        Assert.Equal(Problems.ContentType, answer.Content.Headers.ContentType?.MediaType);
        Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero, text);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition()) { await Task.Delay(50, patience.Token); }
    }
}
