using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>The real program, killed, stopped and starved.</summary>
public sealed class CrashTests(PostgreSqlServer server) : IAsyncLifetime
{
    private static readonly int Kills = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 50 : 4;

    private const int AppsOfEach = 50;

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
            tokens ??= await SignInAsync(location, 200);
            // Whoever got no answer asks again, under the same key.
            for (var i = 0; i < asked; i++)
            {
                if (!acknowledged.Contains($"app {i}")) { Assert.True(await CreateAsync(plane.Http, tokens, i)); acknowledged.Add($"app {i}"); }
            }
            Assert.Equal(acknowledged.Order(StringComparer.Ordinal), (await ListAsync(plane.Http, tokens)).Order(StringComparer.Ordinal));
            if (kill == Kills) { break; }

            var dying = Task.Run(async () =>
            {
                await Task.Delay(random.Next(20, 400)); // when it is killed is what is varied
                await plane.KillAsync();
            });
            while (await CreateAsync(plane.Http, tokens, asked++)) { acknowledged.Add($"app {asked - 1}"); }
            await dying;
        }

        Assert.True(acknowledged.Count > Kills, $"only {acknowledged.Count} apps");
    }

    [Fact]
    public async Task Told_to_stop_it_answers_what_is_under_way_and_ends_with_0()
    {
        using var plane = await PlaneProcess.StartAsync(_folder);
        var token = (await SignInAsync("sqlite:" + Path.Combine(_folder, "control.db"), 1))[0];
        var body = new SlowContent(JsonSerializer.SerializeToUtf8Bytes(Wish(1), ApiJson.Options));
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
        var disk = Directory.CreateDirectory(Path.Combine(_folder, "disk")).FullName;
        Assert.SkipUnless(Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=6m,mode=700", "tmpfs", disk), "mounting takes root");
        try
        {
            using var plane = await PlaneProcess.StartAsync(disk, "--Rates:CallerPerSecond", "100000");
            var tokens = await SignInAsync("sqlite:" + Path.Combine(disk, "control.db"), 100);
            var acknowledged = new List<string>();
            var ballast = Path.Combine(disk, "ballast");
            for (var i = 0; i < 10; i++) { Assert.True(await CreateAsync(plane.Http, tokens, i)); acknowledged.Add($"app {i}"); }
            Fill(ballast);

            HttpResponseMessage? refused = null;
            for (var i = 10; refused is null && i < 3000; i++)
            {
                var answer = await PostAsync(plane.Http, tokens, i);
                if (answer.IsSuccessStatusCode) { acknowledged.Add($"app {i}"); }
                else { refused = answer; }
            }
            Assert.Contains("urn:coco:problem:storage-full", await refused!.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(507, (int)refused.StatusCode);
            Assert.Equal(acknowledged.Order(StringComparer.Ordinal), (await ListAsync(plane.Http, tokens)).Order(StringComparer.Ordinal));

            File.Delete(ballast);
            await UntilAsync(async () => (await PostAsync(plane.Http, tokens, acknowledged.Count)).IsSuccessStatusCode);
            Assert.Equal(acknowledged.Count + 1, (await ListAsync(plane.Http, tokens)).Count);
        }
        finally
        {
            Run("umount", "--lazy", disk);
        }
    }

    private static AppDefinition Wish(int number) => new($"app {number}", AppKind.Service, [], ["networks:read"]);

    /// <summary>Makes accounts by their rows alone, each signed in; an account has room for so many apps.</summary>
    private static async Task<string[]> SignInAsync(string location, int count)
    {
        await using var database = await Database.OpenAsync(location, NullLogger.Instance, DatabaseUse.Tool, default);
        var now = DateTimeOffset.UtcNow;
        return await database.WriteAsync(
            async session =>
            {
                var tokens = new string[count];
                for (var i = 0; i < count; i++)
                {
                    var id = Identifiers.New("acc");
                    await session.ExecuteAsync($"INSERT INTO accounts (id, email, created, version) VALUES ({id}, {id + "@example.org"}, {now}, 1)");
                    tokens[i] = (await TokenStore.IssueAsync(session, new(Identifiers.New("tok"), TokenKind.Session, id, null, null, [], now, now.AddDays(1)))).Text;
                }
                return tokens;
            },
            default);
    }

    private static async Task<bool> CreateAsync(HttpClient http, string[] tokens, int number)
    {
        try
        {
            using var answer = await PostAsync(http, tokens, number);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http, string[] tokens, int number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/apps") { Content = JsonContent.Create(Wish(number), options: ApiJson.Options) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens[number / AppsOfEach]);
        request.Headers.Add("Idempotency-Key", $"key-{number}");
        return await http.SendAsync(request);
    }

    private static async Task<List<string>> ListAsync(HttpClient http, string[] tokens)
    {
        var names = new List<string>();
        foreach (var token in tokens)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/apps?limit=200");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await http.SendAsync(request);
            var page = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Page<AppView>>(ApiJson.Options))!;
            Assert.Null(page.Next);
            if (page.Items.Count == 0) { break; } // they are filled one after the other
            names.AddRange(page.Items.Select(app => app.Name));
        }
        return names;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition()) { await Task.Delay(20, patience.Token); }
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) { file.Write(new byte[4096]); }
        }
        catch (IOException)
        {
            // Now it is full.
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        return process.WaitForExit(TimeSpan.FromSeconds(10)) && process.ExitCode == 0;
    }
}
