using System.Globalization;
using System.Net.Http.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>The real program, killed with mail that it had accepted and not sent yet.</summary>
public sealed class MailCrashTests(PostgreSqlServer server) : IAsyncLifetime
{
    private static readonly int Kills = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 20 : 3;

    // Chosen: several times what starting the program takes where others build.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2) + (Kills * TimeSpan.FromSeconds(30));

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-plane-" + Guid.NewGuid().ToString("n")[..12]);
    private readonly CancellationTokenSource _patience = new(Patience);

    private string Mails => Path.Combine(_folder, "mail");

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _patience.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_mail_that_was_accepted_is_sent_however_often_the_program_is_killed(bool isPostgreSql)
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere || !isPostgreSql, "PostgreSQL is not installed");
        var location = isPostgreSql ? "postgres:" + await server.CreateDatabaseAsync() : "sqlite:" + Path.Combine(_folder, "control.db");
        ServerSecret.Open(Path.Combine(_folder, "secret"), mayCreate: true).Dispose();
        var random = new Random(5);
        var (asked, accepted) = (0, new List<string>());

        // A file where the folder should be: nothing can be handed on.
        await File.WriteAllTextAsync(Mails, "", _patience.Token);
        using (var plane = await StartAsync(location))
        {
            for (; asked < 20; asked++) { Assert.True(await AskAsync(plane.Http, asked)); }
            accepted.AddRange(Enumerable.Range(0, asked).Select(NameOf));
            await plane.KillAsync();
        }
        File.Delete(Mails);

        // Killed again, in the middle of accepting and sending.
        for (var kill = 0; kill < Kills; kill++)
        {
            using var plane = await StartAsync(location);
            for (var i = 0; i < 3; i++, asked++)
            {
                Assert.True(await AskAsync(plane.Http, asked)); // the first ones take long
                accepted.Add(NameOf(asked));
            }
            var dying = Task.Run(async () =>
            {
                await Task.Delay(random.Next(0, 300)); // when it is killed is what is varied
                await plane.KillAsync();
            });
            while (await AskAsync(plane.Http, asked++)) { accepted.Add(NameOf(asked - 1)); }
            await dying;
            await EndWaitsAsync(location);
        }
        using var last = await StartAsync(location);
        await UntilAsync(async () => await WaitingAsync(location) == 0);

        // One whose answer was lost may have been sent, too; none twice, as one that is tried again has the same name.
        var sent = Directory.EnumerateFiles(Mails, "*.eml").Select(file => File.ReadLines(file).Single(line => line.StartsWith("To: ", StringComparison.Ordinal))[4..]).ToArray();
        Assert.Empty(accepted.Except(sent, StringComparer.Ordinal));
        Assert.Equal(sent.Distinct(StringComparer.Ordinal).Count(), sent.Length);
        Assert.True(accepted.Count > 20 && sent.Length <= asked, $"{accepted.Count} accepted, {sent.Length} sent");
        TestContext.Current.TestOutputHelper?.WriteLine($"{Kills + 1} kills: {accepted.Count} accepted, {sent.Length} sent");
    }

    private Task<PlaneProcess> StartAsync(string location) => PlaneProcess.StartAsync(
        _folder, "--Database", location, "--Rates:CredentialsPerMinute", "100000", "--Passwords:MemoryMiB", "19", "--Passwords:Passes", "1");

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"p{number}@example.org");

    // Whether it was accepted.
    private static async Task<bool> AskAsync(HttpClient http, int number)
    {
        try
        {
            using var body = JsonContent.Create(new Credentials(NameOf(number), "a difference engine"), options: ApiJson.Options);
            using var answer = await http.PostAsync(new Uri("/v1/accounts", UriKind.Relative), body);
            Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // Neither the pause after an attempt is waited for, nor the minute of a dead instance's lease; of SQLite the next instance has that at once.
    private async Task EndWaitsAsync(string location)
    {
        await using var database = await Database.OpenAsync(location, NullLogger.Instance, DatabaseUse.Tool, _patience.Token);
        await database.WriteAsync(static session => session.ExecuteAsync($"UPDATE mails SET next = created"), _patience.Token);
        if (database.Kind is DatabaseKind.PostgreSql) { await database.WriteAsync(static session => session.ExecuteAsync($"UPDATE leases SET until = 0"), _patience.Token); }
    }

    private async Task<long?> WaitingAsync(string location)
    {
        await using var database = await Database.OpenAsync(location, NullLogger.Instance, DatabaseUse.Tool, _patience.Token);
        return await database.ReadAsync(static session => session.NumberAsync($"SELECT COUNT(*) FROM mails"), _patience.Token);
    }

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition()) { await Task.Delay(50, _patience.Token); }
    }
}
