using System.Net;
using Coco.Crypto;
using Coco.Tests.Networks;
using Coco.Transport;
using Coco.Transport.Udp;
using Coco.Traversal.Finding;
using Coco.Traversal.Relays;

namespace Coco.Tests.ControlPlanes;

/// <summary>Nodes that use the control planes that their network lists, over real sockets on loopback.</summary>
public sealed class ListedControlPlaneTests : IAsyncDisposable
{
    private readonly TestNetwork _network = new(TimeSpan.FromSeconds(60));
    private readonly List<Endpoint> _planes = [];
    private readonly List<IdentityKey> _keys = [];

    [Fact]
    public async Task Nodes_without_relays_of_their_own_meet_by_what_their_network_lists()
    {
        var plane = await StartPlaneAsync();
        var ada = await StartAsync(relayOnly: true);
        await ada.SetControlPlanesAsync([InfoOf(plane) with { Api = new("https://plane.example") }], _network.Patience);
        Assert.Equal("https://plane.example/", Assert.Single(ada.ControlPlanes).Api!.ToString());

        // Their tickets name it too; each learns it as a member, and is found there.
        var bob = await JoinAsync(ada, "bob");
        var carol = await JoinAsync(ada, "carol");
        foreach (var node in (Node[])[bob, carol]) { await node.WaitForAsync(static one => one.ControlPlanes.Count == 1, _network.Patience); }
        await UntilAsync(() => RelaysOf(bob) is [var only] && only == plane.Id && RelaysOf(carol) is [var same] && same == plane.Id);
        await _network.AllSeeAsync(ada, bob, carol);
        await ada.DisposeAsync();
        await _network.ExchangeAsync(bob, carol);
        Assert.Equal(PathType.Relay, bob.Peers.Single(peer => peer.Id == carol.Id).PathType);
    }

    [Fact]
    public async Task An_entry_that_is_taken_back_is_let_go_of_and_another_is_used()
    {
        var (old, next) = (await StartPlaneAsync(), await StartPlaneAsync());
        var ada = await StartAsync(relayOnly: false);
        var bob = await JoinAsync(ada, "bob", relayOnly: false);
        await ada.SetControlPlanesAsync([InfoOf(old)], _network.Patience);
        await UntilAsync(() => RelaysOf(ada) is [var a] && a == old.Id && RelaysOf(bob) is [var b] && b == old.Id);

        await ada.SetControlPlanesAsync([InfoOf(next)], _network.Patience);
        await UntilAsync(() => RelaysOf(ada) is [var a] && a == next.Id && RelaysOf(bob) is [var b] && b == next.Id);
        await UntilAsync(async () => (await old.GetRelayStatisticsAsync())!.Clients == 0);

        await ada.SetControlPlanesAsync([], _network.Patience);
        await UntilAsync(() => RelaysOf(ada) is [] && RelaysOf(bob) is []);
        await UntilAsync(async () => (await next.GetRelayStatisticsAsync())!.Clients == 0);
        await _network.ExchangeAsync(bob, ada);
    }

    [Fact]
    public async Task Members_with_another_way_go_on_when_all_control_planes_starve_them_or_die()
    {
        // It takes everybody on and then carries next to nothing.
        var plane = await StartPlaneAsync(new() { PerClient = new() { BytesPerSecond = 1_000, PacketsPerSecond = 1, Burst = TimeSpan.FromMilliseconds(10) } });
        var ada = await StartAsync(relayOnly: false);
        await ada.SetControlPlanesAsync([InfoOf(plane)], _network.Patience);
        await UntilAsync(() => RelaysOf(ada) is [_]);
        var bob = await JoinAsync(ada, "bob", relayOnly: false);
        await _network.AllSeeAsync(ada, bob);
        await _network.ExchangeAsync(ada, bob);

        await plane.DisposeAsync();
        await UntilAsync(() => RelaysOf(ada) is [] && RelaysOf(bob) is []);
        await _network.ExchangeAsync(bob, ada);
        var carol = await JoinAsync(ada, "carol", relayOnly: false);
        await _network.ExchangeAsync(carol, ada);
    }

    [Fact]
    public async Task Who_is_no_admin_lists_none()
    {
        var ada = await StartAsync(relayOnly: false);
        var bob = await JoinAsync(ada, "bob", relayOnly: false);
        var plane = await StartPlaneAsync();
        var refused = await Assert.ThrowsAsync<CocoException>(() => bob.SetControlPlanesAsync([InfoOf(plane)], _network.Patience));
        Assert.Equal(CocoError.NotPermitted, refused.Code);
    }

    public async ValueTask DisposeAsync()
    {
        await _network.DisposeAsync();
        foreach (var plane in _planes) { await plane.DisposeAsync(); }
        _keys.ForEach(static key => key.Dispose());
    }

    private async Task<Endpoint> StartPlaneAsync(RelayServerOptions? options = null)
    {
        var key = IdentityKey.Generate();
        _keys.Add(key);
        var plane = await Endpoint.StartAsync(
            new() { Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)], RelayServer = options ?? new() }, _network.Patience);
        _planes.Add(plane);
        return plane;
    }

    private async Task<Node> StartAsync(bool relayOnly)
    {
        var host = await HostAsync(relayOnly);
        return await _network.CreateAsync("ada", options => options with { Host = host });
    }

    private async Task<Node> JoinAsync(Node sponsor, string name, bool relayOnly = true)
    {
        var host = await HostAsync(relayOnly);
        return await _network.JoinAsync(sponsor, name, change: options => options with { Host = host });
    }

    private async Task<CocoHost> HostAsync(bool relayOnly) => _network.Own(await CocoHost.StartAsync(
        new() { ListenAddresses = [new(IPAddress.Loopback, 0)], Policy = relayOnly ? new() { RelayOnly = true } : PathPolicy.Default }, _network.Patience));

    private static ControlPlaneInfo InfoOf(Endpoint plane) => new(plane.Id, [plane.LocalEndPoints[0].ToNetworkAddress()]);

    private static NodeId[] RelaysOf(Node node) => [.. node.Host.Endpoint.RecordOf(node.Id)?.Relays.Select(static relay => relay.Id) ?? []];

    private Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition()) { await Task.Delay(10, _network.Patience); }
    }
}
