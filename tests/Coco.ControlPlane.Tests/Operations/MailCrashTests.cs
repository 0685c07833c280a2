using System.Globalization;
using System.Net.Http.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tests.Mails;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>The real program, killed with mail that it had accepted and not sent yet.</summary>
public sealed class MailCrashTests(PostgreSqlServer postgres) : IAsyncLifetime
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
        var location = isPostgreSql ? "postgres:" + await postgres.CreateDatabaseAsync() : "sqlite:" + Path.Combine(_folder, "control.db");
        ServerSecret.Open(Path.Combine(_folder, "secret"), mayCreate: true).Dispose();
        var random = new Random(5);
        var (asked, accepted) = (0, new List<string>());

        // A file where the folder should be: nothing can be handed on.
        await File.WriteAllTextAsync(Mails, "", _patience.Token);
        using (var plane = await StartAsync(location))
        {
            for (; asked < 20; asked++) { Assert.True(await AskAsync(plane.Http, NameOf(asked))); }
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
                Assert.True(await AskAsync(plane.Http, NameOf(asked))); // the first ones take long
                accepted.Add(NameOf(asked));
            }
            var dying = Task.Run(async () =>
            {
                await Task.Delay(random.Next(0, 300)); // when it is killed is what is varied
                await plane.KillAsync();
            });
            while (await AskAsync(plane.Http, NameOf(asked++))) { accepted.Add(NameOf(asked - 1)); }
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_mail_that_was_accepted_comes_by_SMTP_however_often_the_program_is_killed_and_twice_only_under_one_Message_ID(bool isPostgreSql)
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere || !isPostgreSql, "PostgreSQL is not installed");
        await using var server = await SmtpServer.StartAsync(new { security = "None", delay = 50 }); // it has a mail for a while before it says so
        var location = isPostgreSql ? "postgres:" + await postgres.CreateDatabaseAsync() : "sqlite:" + Path.Combine(_folder, "control.db");
        ServerSecret.Open(Path.Combine(_folder, "secret"), mayCreate: true).Dispose();
        string[] smtp = ["--Mail:Server", "127.0.0.1", "--Mail:Port", server.Port.ToString(CultureInfo.InvariantCulture), "--Mail:Security", "None", "--Mail:From", "no-reply@control.example", "--PublicUrl", "https://control.example"];
        var random = new Random(5);
        var (asked, accepted, received) = (0, new List<string>(), new List<SmtpServer.Received>());

        // The server has this one and never says so: the program is killed in between.
        using (var plane = await StartAsync(location, smtp))
        {
            Assert.True(await AskAsync(plane.Http, "lost@example.org"));
            received.Add(await server.NextAsync());
            await plane.KillAsync();
        }
        await EndWaitsAsync(location);
        for (var kill = 0; kill < Kills; kill++)
        {
            using var plane = await StartAsync(location, smtp);
            for (var i = 0; i < 3; i++, asked++)
            {
                Assert.True(await AskAsync(plane.Http, NameOf(asked))); // the first ones take long
                accepted.Add(NameOf(asked));
            }
            var dying = Task.Run(async () =>
            {
                await Task.Delay(random.Next(0, 300)); // when it is killed is what is varied
                await plane.KillAsync();
            });
            while (await AskAsync(plane.Http, NameOf(asked++))) { accepted.Add(NameOf(asked - 1)); }
            await dying;
            await EndWaitsAsync(location);
        }
        using var last = await StartAsync(location, smtp);
        await UntilAsync(async () => await WaitingAsync(location) == 0);

        // It is gone here once the server's answer is there, and the server tells before it answers.
        received.AddRange(server.TakeAll());
        var copies = received.GroupBy(static mail => Assert.Single(mail.To), StringComparer.Ordinal).ToDictionary(static one => one.Key, static one => one.ToArray(), StringComparer.Ordinal);
        Assert.Empty(accepted.Except(copies.Keys, StringComparer.Ordinal));
        Assert.True(copies["lost@example.org"].Length >= 2, "the lost one was not sent again"); // more often where it was killed while the second was on its way
        Assert.All(copies.Values, static same => Assert.Single(same.Select(static mail => mail.Message.MessageId).Distinct(StringComparer.Ordinal)));
        Assert.Equal(copies.Count, received.Select(static mail => mail.Message.MessageId).Distinct(StringComparer.Ordinal).Count());
        TestContext.Current.TestOutputHelper?.WriteLine($"{Kills + 1} kills: {accepted.Count} accepted, {received.Count} received, of {copies.Count} mails");
    }

    private Task<PlaneProcess> StartAsync(string location, params string[] more) => PlaneProcess.StartAsync(
        _folder, ["--Database", location, "--Rates:CredentialsPerMinute", "100000", "--Passwords:MemoryMiB", "19", "--Passwords:Passes", "1", .. more]);

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"p{number}@example.org");

    // Whether it was accepted.
    private static async Task<bool> AskAsync(HttpClient http, string email)
    {
        try
        {
            using var body = JsonContent.Create(new Credentials(email, "a difference engine"), options: ApiJson.Options);
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
