using Coco.ControlPlane.Relaying;
using Coco.Crypto;
using Coco.Traversal.Relays;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Relaying;

/// <summary>The relay of an instance, on either database.</summary>
public abstract class RelayInstanceTests
{
    private const string Network = "net_home";

    [Fact]
    public async Task The_tables_say_what_reached_the_relay_and_what_the_senders_sent()
    {
        await using var scene = await StartAsync();
        var (caller, callee) = (await scene.StartNodeAsync(Network), await scene.StartNodeAsync(Network));
        var (client, server) = await RelayScene.ConnectAsync(caller, callee);
        await RelayScene.SendAsync(client, server, 400_000);
        await scene.Relay.FlushAsync(default);
        await RelayScene.SendAsync(server, client, 100_000);
        await client.CloseAsync();

        await RelayScene.UntilAsync(async () =>
        {
            await scene.Relay.FlushAsync(default);
            var carried = (await scene.Relay.Endpoint!.GetRelayStatisticsAsync())!;
            Assert.Equal(0, carried.Dropped.Sum());
            var used = await scene.ReadAsync(Network);
            var nodes = await scene.Database.ReadAsync(session => UsageStore.NodesAsync(session, Network, scene.Usage.Month, null, 10), default);
            Assert.Equal((used.Relayed, used.Control), (nodes.Sum(static node => node.Relayed), nodes.Sum(static node => node.Control)));
            return used.Relayed == carried.Bytes && used.Control > 0
                && await SentBy(caller) == nodes.Single(node => node.Node == caller.Id.ToString()).Relayed
                && await SentBy(callee) == nodes.Single(node => node.Node == callee.Id.ToString()).Relayed;
        });
        Assert.InRange((await scene.ReadAsync(Network)).Relayed, 500_000, 800_000);

        static Task<long> SentBy(Transport.Endpoint endpoint) => endpoint.AskAsync(static core => core.RelayedBytesSent);
    }

    [Fact]
    public async Task What_is_written_again_counts_once()
    {
        await using var scene = await StartAsync();
        using var key = IdentityKey.Generate();
        var month = scene.Usage.Month;
        UsageBatch Batch(string run, long number, long bytes) => new(run, number, month, [new(key.Id, Network, bytes, 1), new(default, Network, 0, 1), new(key.Id, "", 0, 7)]);
        await scene.Usage.FlushAsync(Batch("a", 1, 100), default);
        await scene.Usage.FlushAsync(Batch("a", 1, 100), default); // the answer to the first was lost
        await scene.Usage.FlushAsync(Batch("a", 2, 10), default);
        await scene.Usage.FlushAsync(Batch("a", 1, 100), default);
        await scene.Usage.FlushAsync(Batch("b", 1, 1), default);

        Assert.Equal(new NetworkUsage(111, 6, 100_000_000), await scene.ReadAsync(Network));
        Assert.Equal(new NetworkUsage(0, 21, 100_000_000), await scene.ReadAsync(""));
        var nodes = await scene.Database.ReadAsync(session => UsageStore.NodesAsync(session, Network, month, null, 10), default);
        Assert.Equal([new("", 0, 3), new(key.Id.ToString(), 111, 3)], nodes.OrderBy(static node => node.Node, StringComparer.Ordinal));
        Assert.Empty(await scene.Database.ReadAsync(session => UsageStore.NodesAsync(session, "", month, null, 10), default));
    }

    [Fact]
    public async Task A_flush_of_thousands_is_one_transaction()
    {
        await using var scene = await StartAsync();
        var random = new SeededRandomSource(5);
        var used = Enumerable.Range(0, 3000).Select(i =>
        {
            using var key = IdentityKey.Generate(random);
            return new RelayUsage(key.Id, $"net_{i % 700}", 10, 1);
        }).ToArray();
        await scene.Usage.FlushAsync(new("a", 1, scene.Usage.Month, used), default);
        Assert.Equal((30_000L, 3_000L), await scene.Database.ReadAsync(
            async session => (await session.NumberAsync($"SELECT SUM(relayed) FROM network_usage"), await session.NumberAsync($"SELECT COUNT(*) FROM node_usage")), default));
    }

    [Fact]
    public async Task Events_tell_of_80_and_100_percent_once_and_the_network_is_throttled_until_its_plan_or_the_month_changes()
    {
        await using var scene = await StartAsync(("free", 1_000), ("large", 1_000_000));
        var node = await scene.StartNodeAsync(Network);
        Assert.Equal(1_000, scene.Terms.TermsOf(node.Id).NetworkBytesLeft);
        await FlushAsync(1, 700);
        Assert.Empty(await EventsAsync());
        await FlushAsync(2, 100);
        await FlushAsync(3, 100);
        Assert.Equal([(80L, 800L)], await EventsAsync());
        await FlushAsync(4, 150);
        await FlushAsync(5, 150);
        Assert.Equal([(100L, 1050L), (80L, 800L)], await EventsAsync());
        await RelayScene.UntilAsync(() => scene.Terms.TermsOf(node.Id) is { NetworkBytesLeft: 0, PerNetwork.BytesPerSecondBeyond: 64_000 });

        await scene.Database.WriteAsync(session => RelayNodes.SetPlanAsync(session, Network, "large", scene.Usage.Month), default);
        await RelayScene.UntilAsync(() => scene.Terms.TermsOf(node.Id).NetworkBytesLeft == 1_000_000 - 1_200);
        await FlushAsync(6, 800_000);
        Assert.Equal((80L, 801_200L), (await EventsAsync())[0]);

        scene.Plane.Time.Advance(TimeSpan.FromDays(31));
        await scene.Terms.LoadAsync(default);
        Assert.Equal(1_000_000, scene.Terms.TermsOf(node.Id).NetworkBytesLeft);

        Task FlushAsync(long number, long bytes) => scene.Usage.FlushAsync(new("a", number, scene.Usage.Month, [new(node.Id, Network, bytes, 0)]), default);

        async Task<(long Percent, long Used)[]> EventsAsync() =>
            [.. (await scene.Database.ReadAsync(session => UsageStore.EventsAsync(session, Network, 10), default)).Select(static one => (one.Percent, one.Used)).OrderByDescending(static one => one.Used)];
    }

    [Theory]
    [InlineData(1, "2026-10", "2026-11")] // from one month into the next
    [InlineData(365 * 24, "2026-11", "2027-11")]
    public async Task A_running_relay_counts_each_byte_once_to_the_month_of_the_clock_and_gives_no_allowance_back_when_it_jumps(int hours, string first, string second)
    {
        await using var scene = await StartAsync(TimeSpan.FromMilliseconds(20), ("free", 400_000));
        var time = scene.Plane.Time;
        var begun = new DateTimeOffset(2026, 11, 1, 0, 30, 0, TimeSpan.Zero);
        time.Advance((hours == 1 ? begun - TimeSpan.FromHours(1) : begun) - time.GetUtcNow());
        var (caller, callee) = (await scene.StartNodeAsync(Network), await scene.StartNodeAsync(Network));
        var (client, server) = await RelayScene.ConnectAsync(caller, callee);

        await RelayScene.SendAsync(client, server, 100_000);
        await RelayScene.UntilAsync(async () => await UsedAsync(first) > 100_000);
        time.Advance(TimeSpan.FromHours(hours));
        await RelayScene.UntilAsync(() => scene.Terms.Month == second); // the next month, and what may be used of it
        var (before, ahead) = (await UsedAsync(first), scene.Terms.TermsOf(caller.Id).NetworkBytesLeft);
        await RelayScene.SendAsync(client, server, 50_000);
        await RelayScene.UntilAsync(async () => await UsedAsync(second) > 50_000);
        time.Advance(TimeSpan.FromHours(-hours));
        await RelayScene.UntilAsync(() => scene.Terms.Month == first);
        var (late, back) = (await UsedAsync(second), scene.Terms.TermsOf(caller.Id).NetworkBytesLeft);
        await RelayScene.SendAsync(client, server, 350_000);

        await RelayScene.UntilAsync(async () => await UsedAsync(first) > 400_000);
        await RelayScene.UntilAsync(() => scene.Terms.TermsOf(caller.Id).NetworkBytesLeft == 0);
        await client.CloseAsync();
        await RelayScene.UntilAsync(async () => (await scene.Relay.Endpoint!.GetRelayStatisticsAsync())!.Bytes == await RelayedAsync());
        Assert.InRange(before, 100_000, 200_000);
        Assert.InRange(ahead!.Value, 350_000, 400_000); // all of the next month's, but for what was sent meanwhile
        Assert.InRange(late, 50_000, 100_000);
        Assert.InRange(back!.Value, 200_000, 300_000); // what was used of this month stays used

        Task<long> UsedAsync(string month) => scene.Database.ReadAsync(async session => await session.NumberAsync($"SELECT relayed + control FROM network_usage WHERE network = {Network} AND month = {month}") ?? 0, default);
        Task<long> RelayedAsync() => scene.Database.ReadAsync(async session => await session.NumberAsync($"SELECT SUM(relayed) FROM network_usage WHERE network = {Network}") ?? 0, default);
    }

    [Fact]
    public async Task Who_is_removed_is_cut_off_at_once_and_who_is_admitted_is_served_at_once()
    {
        await using var scene = await StartAsync();
        var (caller, callee) = (await scene.StartNodeAsync(Network), await scene.StartNodeAsync(null));
        var (client, server) = await RelayScene.ConnectAsync(caller, callee); // a stranger, as a joiner is
        await RelayScene.SendAsync(client, server, 10_000);
        await scene.Database.WriteAsync(session => RelayNodes.AddAsync(session, Network, callee.Id, NodeProof.Connection), default);
        await RelayScene.UntilAsync(() => scene.Terms.IsMember(callee.Id));
        await RelayScene.SendAsync(client, server, 10_000);

        await scene.Database.WriteAsync(session => RelayNodes.RemoveAsync(session, Network, callee.Id), default);
        await RelayScene.UntilAsync(async () => await scene.Relay.Endpoint!.GetRelayStatisticsAsync() is { Sessions: 0 });
        await RelayScene.UntilAsync(() => callee.Record!.Relays.Count == 0);
        Assert.Equal("This node was removed from its network.", scene.Terms.TermsOf(callee.Id).Refusal);

        await scene.Database.WriteAsync(session => RelayNodes.RemoveNetworkAsync(session, Network), default);
        await RelayScene.UntilAsync(() => caller.Record!.Relays.Count == 0);
    }

    [Fact]
    public async Task A_relay_that_starts_again_is_the_same_and_knows_all()
    {
        await using var scene = await StartAsync();
        var id = scene.Relay.Info!.Id;
        var random = new SeededRandomSource(9);
        var nodes = new List<NodeId>();
        await scene.Database.WriteAsync(
            async session =>
            {
                for (var i = 0; i < 6_000; i++)
                {
                    using var key = IdentityKey.Generate(random);
                    nodes.Add(key.Id);
                    var network = $"net_{i % 10}";
                    await session.ExecuteAsync($"INSERT INTO relay_nodes (node, network) VALUES ({key.Id.ToString()}, {network})");
                }
            },
            default);
        await scene.Plane.RestartAsync();
        Assert.Equal((id, 6_000), (scene.Relay.Info!.Id, scene.Terms.Count));
        Assert.All(nodes.Select(static (node, i) => (node, i)), one => Assert.Equal($"net_{one.i % 10}", scene.Terms.TermsOf(one.node).Network));
    }

    internal abstract Task<RelayScene> StartAsync(TimeSpan flushInterval, params (string Name, long BytesPerMonth)[] plans);

    internal Task<RelayScene> StartAsync(params (string Name, long BytesPerMonth)[] plans) => StartAsync(TimeSpan.FromMinutes(10), plans); // tests write down what was used when they want to know
}
