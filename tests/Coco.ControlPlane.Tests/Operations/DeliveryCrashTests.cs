using System.Collections.Concurrent;
using System.Text.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts.Webhooks;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tests.Networks;
using Coco.ControlPlane.Tests.Webhooks;
using Coco.ControlPlane.Tokens;
using Coco.ControlPlane.Webhooks;
using Coco.Crypto;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>Two instances that could both deliver events, real programs, of which the one that does is killed.</summary>
public sealed class DeliveryCrashTests(PostgreSqlServer server) : IAsyncLifetime
{
    private const int Hooks = 3;
    private const int Nodes = 20;

    // Chosen: many times what the wait for the lease takes, which is a minute.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private static readonly bool WaitsForLease = Environment.GetEnvironmentVariable("COCO_ALL") == "1";

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-plane-" + Guid.NewGuid().ToString("n")[..12]);
    private readonly CancellationTokenSource _patience = new(Patience);

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

    [Fact]
    public async Task Each_event_is_told_by_one_in_order_and_after_a_kill_the_other_goes_on()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        var location = "postgres:" + await server.CreateDatabaseAsync();
        ServerSecret.Open(Path.Combine(_folder, "secret"), mayCreate: true).Dispose();
        string[] settings = ["--Database", location, "--Webhooks:AllowsPrivateTargets", "true", "--Rates:CallerPerSecond", "100000", "--Relaying:Plans:free:Nodes", "1000"];
        await using var receiver = await Receiver.StartAsync();
        receiver.Pause = TimeSpan.FromSeconds(1); // so that there is a middle, long enough for a program to start in
        using var first = await PlaneProcess.StartAsync(_folder, settings);
        await using var database = await Database.OpenAsync(location, NullLogger.Instance, DatabaseUse.Tool, default);
        var (app, token) = await SignInAsync(database);
        var client = new ControlPlaneClient(first.Http, _ => new(token));
        await HoldLeaseAsync(database, DateTimeOffset.UtcNow + TimeSpan.FromMinutes(1)); // nobody's, until all is written
        for (var i = 0; i < Hooks; i++) { await client.CreateWebhookAsync(app, new($"{receiver.Url}/{i}", WebhookOutbox.Events)); }
        using var key = IdentityKey.Generate();
        using var fleet = await NetworkAuthority.CreateAsync(client, key, new() { Name = "fleet" });
        var certified = new List<string>();
        for (var i = 0; i < Nodes; i++) { certified.Add((await fleet.CertifyAsync(Developer.Information(fleet.Network, $"van{i}"))).Node.Id); }
        await HoldLeaseAsync(database, DateTimeOffset.UnixEpoch);
        await UntilAsync(() => !receiver.Heard.IsEmpty);
        using var second = await PlaneProcess.StartAsync(_folder, settings); // which finds the lease taken
        var then = receiver.Heard.Count;
        await UntilAsync(() => receiver.Heard.Count >= then + Hooks);
        Assert.Empty(Repeated(receiver.Heard));

        await first.KillAsync();
        Assert.InRange(receiver.Heard.Count, 1 + Hooks, (Nodes * Hooks) - Hooks);
        receiver.Pause = TimeSpan.Zero;
        // The lease of a dead holder ends after a minute; that is waited for where all is run.
        if (!WaitsForLease) { await HoldLeaseAsync(database, DateTimeOffset.UnixEpoch); }
        await UntilAsync(() => Enumerable.Range(0, Hooks).All(hook => Of(receiver, hook).Distinct().Count() == Nodes));

        // What was on its way when it was killed comes again, nothing else does; and never before what came earlier.
        Assert.True(Repeated(receiver.Heard).Count <= Hooks, string.Join('\n', Repeated(receiver.Heard)));
        for (var hook = 0; hook < Hooks; hook++) { Assert.Equal(certified, Of(receiver, hook).Distinct()); }
        for (var hook = 0; hook < Hooks; hook++) { Assert.Equal(Of(receiver, hook).Distinct().Count(), RunsOf(Of(receiver, hook))); }
    }

    private static Task<int> HoldLeaseAsync(Database database, DateTimeOffset until) => database.WriteAsync(
        session => session.ExecuteAsync($"INSERT INTO leases (name, holder, until) VALUES ({"webhooks"}, {"ins_none"}, {until}) ON CONFLICT (name) DO UPDATE SET until = {until}"), default);

    // The nodes that events told of, as they came.
    private static string[] Of(Receiver receiver, int hook) =>
        [.. receiver.Heard.Where(heard => heard.Path.EndsWith($"/{hook}", StringComparison.Ordinal)).Select(heard => JsonSerializer.Deserialize<WebhookEvent>(heard.Body, ApiJson.Options)!).Where(happened => happened.Type == "node.created").Select(happened => happened.Node!)];

    private static List<string> Repeated(ConcurrentQueue<Heard> heard) => [.. heard.GroupBy(one => $"{one.Path} {one.Body}").Where(group => group.Count() > 1).Select(group => group.Key)];

    // One that is repeated follows itself.
    private static int RunsOf(string[] nodes) => nodes.Where((node, i) => i == 0 || nodes[i - 1] != node).Count();

    private static async Task<(string App, string Token)> SignInAsync(Database database)
    {
        var (account, app, now) = (Identifiers.New("acc"), Identifiers.New("app"), DateTimeOffset.UtcNow);
        var token = await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync($"INSERT INTO accounts (id, email, created, version) VALUES ({account}, {account + "@example.org"}, {now}, 1)");
                await session.ExecuteAsync($"INSERT INTO apps (id, owner_account, name, kind, created, version) VALUES ({app}, {account}, {"App"}, {"service"}, {now}, 1)");
                return (await TokenStore.IssueAsync(session, new(Identifiers.New("tok"), TokenKind.Access, null, app, null, [.. Developer.Scopes], now, now.AddDays(1)))).Text;
            },
            default);
        return (app, token);
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition()) { await Task.Delay(10, _patience.Token); }
    }
}
