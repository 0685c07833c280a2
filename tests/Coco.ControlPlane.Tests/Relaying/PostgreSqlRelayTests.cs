using Coco.ControlPlane.Relaying;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Relaying;

public sealed class PostgreSqlRelayTests(PostgreSqlServer server) : RelayInstanceTests
{
    private const string Network = "net_home";

    [Fact]
    public async Task A_node_at_one_instance_is_found_from_another_by_its_newest_record()
    {
        await using var scene = await StartAsync();
        var second = (await scene.StartSecondAsync()).Services.GetRequiredService<RelayInstance>();
        var callee = await scene.StartNodeAsync(Network);
        var caller = await scene.StartNodeAsync(Network, second.Info!);
        await RelayScene.UntilAsync(() => scene.Database.ReadAsync(session => session.AnyAsync($"SELECT 1 FROM relay_records WHERE node = {callee.Id.ToString()}"), default));

        var (client, connected) = await RelayScene.ConnectAsync(caller, callee);
        await RelayScene.SendAsync(client, connected, 10_000);
        Assert.Equal(caller.Id, connected.PeerId);
    }

    [Fact]
    public async Task A_stranger_leaves_no_record_behind_and_a_removed_node_none()
    {
        await using var scene = await StartAsync();
        var (member, _) = (await scene.StartNodeAsync(Network), await scene.StartNodeAsync(null));
        await RelayScene.UntilAsync(async () => await CountAsync() > 0);
        Assert.Equal(1, await CountAsync());
        await scene.Database.WriteAsync(session => RelayNodes.RemoveAsync(session, Network, member.Id), default);
        Assert.Equal(0, await CountAsync());

        Task<long?> CountAsync() => scene.Database.ReadAsync(session => session.NumberAsync($"SELECT COUNT(*) FROM relay_records"), default);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(365 * 24)]
    public async Task A_node_that_stays_where_it_is_is_found_however_the_clock_jumps(int hours)
    {
        await using var scene = await StartAsync();
        var node = await scene.StartNodeAsync(Network);
        using var stray = Crypto.IdentityKey.Generate();
        await RelayScene.UntilAsync(() => IsThereAsync(node.Id));
        await scene.Database.WriteAsync( // as one that was on its way while its node was removed
            session => session.ExecuteAsync($"INSERT INTO relay_records (node, sequence, record, at) VALUES ({stray.Id.ToString()}, {"1"}, {new byte[1]}, {scene.Plane.Time.GetUtcNow()})"), default);
        var terms = scene.Terms;
        await using var records = new RelayRecords(scene.Database, terms, scene.Plane.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        foreach (var jump in (int[])[hours, -2 * hours, hours])
        {
            scene.Plane.Time.Advance(TimeSpan.FromHours(jump));
            await records.ForgetStraysAsync(default);
            Assert.True(await IsThereAsync(node.Id));
        }

        Assert.False(await IsThereAsync(stray.Id));
        Assert.NotNull(await records.FindAsync(node.Id));

        Task<bool> IsThereAsync(Crypto.NodeId id) => scene.Database.ReadAsync(session => session.AnyAsync($"SELECT 1 FROM relay_records WHERE node = {id.ToString()}"), default);
    }

    [Fact]
    public async Task An_instance_that_stops_tells_its_clients_of_another_and_they_are_found_there()
    {
        await using var scene = await StartAsync();
        var host = await scene.StartSecondAsync();
        var second = host.Services.GetRequiredService<RelayInstance>();
        var callee = await scene.StartNodeAsync(Network, second.Info!); // which knows of no other
        var caller = await scene.StartNodeAsync(Network);
        var gone = second.Info!.Id;
        Assert.Equal(gone, Assert.Single(callee.Record!.Relays).Id);

        await second.StopAsync(default);

        await RelayScene.UntilAsync(() => callee.Record!.Relays is [var home] && home.Id == scene.Relay.Info!.Id);
        var (client, connected) = await RelayScene.ConnectAsync(caller, callee);
        await RelayScene.SendAsync(client, connected, 10_000);
        Assert.Equal(
            [scene.Relay.Info!.Id.ToString()], await scene.Database.ReadAsync(static session => session.QueryAsync($"SELECT relay FROM relay_instances", static row => row.Text("relay")), default));
        Assert.NotEqual(gone, scene.Relay.Info!.Id);
    }

    [Fact]
    public async Task What_is_used_at_two_instances_is_one_sum_and_both_throttle()
    {
        await using var scene = await StartAsync(("free", 300_000));
        var host = await scene.StartSecondAsync();
        var (first, second) = (scene.Relay, host.Services.GetRequiredService<RelayInstance>());
        foreach (var relay in (RelayInstance[])[first, second])
        {
            var (caller, callee) = (await scene.StartNodeAsync(Network, relay.Info!), await scene.StartNodeAsync(Network, relay.Info!));
            var (client, connected) = await RelayScene.ConnectAsync(caller, callee);
            await RelayScene.SendAsync(client, connected, 170_000);
            await relay.FlushAsync(default);
        }
        Assert.InRange((await scene.ReadAsync(Network)).Relayed, 340_000, 450_000);
        foreach (var terms in (RelayTermsTable[])[scene.Terms, host.Services.GetRequiredService<RelayTermsTable>()])
        {
            var node = await scene.Database.ReadAsync(session => session.FirstAsync($"SELECT node FROM relay_nodes", static row => row.Text("node")), default);
            Assert.True(Crypto.NodeId.TryParse(node, out var id));
            await RelayScene.UntilAsync(() => terms.TermsOf(id).NetworkBytesLeft == 0);
        }
    }

    internal override Task<RelayScene> StartAsync(TimeSpan flushInterval, params (string Name, long BytesPerMonth)[] plans)
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return RelayScene.StartAsync(server, flushInterval, plans);
    }
}
