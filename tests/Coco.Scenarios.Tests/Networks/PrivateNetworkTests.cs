using Coco.Cluster.Membership;
using Coco.Lab.Endpoints;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;
using Coco.Scenarios.Tests.Endpoints;
using Coco.Scenarios.Tests.Kernel;
using Coco.Tests.Networks;
using Coco.Transport;
using Coco.Traversal.Relays;

namespace Coco.Scenarios.Tests.Networks;

/// <summary>Whole private networks over the kernel's NATs: tickets, reaching each other, and ways through other members.</summary>
[Collection(EndpointLab.Collection)]
public sealed class PrivateNetworkTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FlowLifetime = TimeSpan.FromSeconds(60);

    private readonly KernelInternet _internet = KernelLab.Create();
    private readonly List<LabCitizen> _citizens = [];
    private LabNode? _relay;

    [Fact]
    public async Task Five_nodes_behind_different_NATs_join_by_ticket_and_reach_each_other()
    {
        var relayHost = _internet.AddServer("relay", "198.51.100.10");
        NatKind[] kinds = [NatKind.PortRestricted, NatKind.Symmetric, NatKind.Open, NatKind.Firewall, NatKind.PortPreserving];
        var hosts = kinds.Select((kind, number) => _internet.AddHome($"home {number}", kind).AddHost($"node {number}")).ToArray();
        _internet.Start();
        var relays = await StartRelayAsync(relayHost);

        await FoundAsync(hosts[0], relays);
        foreach (var host in hosts[1..]) { await JoinAsync(host, relays); }

        foreach (var citizen in _citizens) { await citizen.UntilReachesAsync(_citizens, Patience); }
        foreach (var (from, to) in from one in _citizens from other in _citizens where one != other select (one, other)) { await EchoAsync(from, to); }
    }

    [Fact]
    public async Task Two_that_cannot_connect_reach_each_other_through_a_third()
    {
        var (a, c) = await TwoHardHomesAsync(_internet.AddServer("b", "198.51.100.20"));

        await using var connection = await a.Node.ConnectAsync(c.Node.Id);
        await using (var flow = EchoFlow.Over(await connection.OpenStreamAsync(), FlowLifetime))
        {
            await flow.ContinueAsync(1 << 20);
            Assert.Equal(PathType.Mesh, connection.ActivePath!.Type);
            await flow.FinishAsync();
        }
        Assert.Equal(2, a.Node.Graph.Nodes.Single(member => member.Id == c.Node.Id).Hops);
    }

    [Fact]
    public async Task Traffic_moves_to_another_way_through_the_mesh_when_the_one_in_between_dies_and_no_byte_is_lost()
    {
        var (b, d) = (_internet.AddServer("b", "198.51.100.20"), _internet.AddServer("d", "198.51.100.21"));
        var (a, c) = await TwoHardHomesAsync(b, d);
        await using var connection = await a.Node.ConnectAsync(c.Node.Id);
        await using var flow = EchoFlow.Over(await connection.OpenStreamAsync().AsTask().WaitAsync(Patience), FlowLifetime);
        await flow.ContinueAsync(256 << 10);
        Assert.Equal(PathType.Mesh, connection.ActivePath!.Type);

        var used = connection.ActivePath.RemoteEndPoint.Address.Equals(b.Address) ? b : d;
        flow.ForgetGaps();
        used.Unplug(); // it says nothing any more, not even good-bye
        await flow.ContinueAsync(1 << 20);
        Assert.Equal(PathType.Mesh, connection.ActivePath!.Type);
        Assert.Equal(used == b ? d.Address : b.Address, connection.ActivePath.RemoteEndPoint.Address);
        Assert.InRange(flow.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        await flow.FinishAsync();
    }

    [Fact]
    public async Task A_site_without_uplink_goes_on_and_takes_members_and_all_agree_when_the_uplink_is_back()
    {
        var server = _internet.AddServer("far", "198.51.100.20");
        var site = _internet.AddHome("site", NatKind.PortRestricted);
        var hosts = new[] { site.AddHost("one"), site.AddHost("two"), site.AddHost("three") };
        _internet.Start();
        await FoundAsync(server, []);
        await JoinAsync(hosts[0], [], role: Role.Admin);
        await JoinAsync(hosts[1], []);
        var (far, one, two) = (_citizens[0], _citizens[1], _citizens[2]);
        foreach (var citizen in _citizens) { await citizen.UntilReachesAsync(_citizens, Patience); }

        site.Line.Apply(new() { LossUp = 1, LossDown = 1 });
        await EchoAsync(one, two);
        await JoinAsync(hosts[2], [], sponsor: one);
        var three = _citizens[3];
        LabCitizen[] local = [one, two, three];
        foreach (var citizen in local) { await citizen.UntilReachesAsync(local, Patience); }
        await EchoAsync(three, two);
        Assert.DoesNotContain(far.Node.Peers, peer => peer.Id == three.Node.Id);

        site.Line.Apply(new());
        foreach (var citizen in _citizens) { await citizen.UntilReachesAsync(_citizens, TimeSpan.FromSeconds(60)); }
        await EchoAsync(far, three);
    }

    [Fact]
    public async Task Who_is_removed_is_cut_off_everywhere_within_a_second()
    {
        var servers = Enumerable.Range(1, 5).Select(number => _internet.AddServer($"node {number}", $"198.51.100.{30 + number}")).ToArray();
        _internet.Start();
        await FoundAsync(servers[0], []);
        foreach (var server in servers[1..]) { await JoinAsync(server, []); }
        foreach (var citizen in _citizens) { await citizen.UntilReachesAsync(_citizens, Patience); }
        var gone = _citizens[4];
        var connections = new List<NodeConnection>();
        foreach (var other in _citizens[..4]) { connections.Add(await other.Node.ConnectAsync(gone.Node.Id)); }

        await _citizens[0].Node.RemoveAsync(gone.Node.Id);
        var within = TimeSpan.FromSeconds(1);
        await Task.WhenAll(connections.Select(connection => connection.Closed.WaitAsync(within)));
        foreach (var other in _citizens[..4]) { await other.UntilAsync(node => node.Peers.All(peer => peer.Id != gone.Node.Id), within); }
    }

    [Fact]
    public async Task In_an_open_network_two_of_different_parts_that_cannot_connect_reach_each_other_through_the_core()
    {
        var hub = _internet.AddServer("hub", "198.51.100.20");
        var (a, c) = (_internet.AddHome("a's home", NatKind.Symmetric).AddHost("a"), _internet.AddHome("c's home", NatKind.Symmetric).AddHost("c"));
        _internet.Start();
        using var watch = new ListingWatch();
        _citizens.Add(await LabCitizen.FoundOpenAsync(hub, watch).WaitAsync(Patience));
        foreach (var (host, part) in ((KernelHost, string)[])[(a, "red"), (c, "blue")])
        {
            _citizens.Add(await LabCitizen.JoinAsync(host, await _citizens[0].Node.InviteAsync(new() { SubCluster = new(part) }).WaitAsync(Patience), []).WaitAsync(Patience));
        }
        Assert.DoesNotContain(_citizens[1].Node.Peers, peer => peer.Id == _citizens[2].Node.Id);
        await watch.ListedAsync(_citizens[2].Node.Id).WaitAsync(Patience);

        await using var connection = await _citizens[1].Node.ConnectAsync("c").WaitAsync(Patience);
        await using var flow = EchoFlow.Over(await connection.OpenStreamAsync().AsTask().WaitAsync(Patience), FlowLifetime);
        await flow.ContinueAsync(1 << 20);
        Assert.Equal(PathType.Mesh, connection.ActivePath!.Type);
        await flow.FinishAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var citizen in _citizens) { await citizen.DisposeAsync(); }
        if (_relay is not null) { await _relay.DisposeAsync(); }
        _internet.Dispose();
    }

    // Behind NATs that choose a port for each destination, with nobody to relay but members.
    private async Task<(LabCitizen A, LabCitizen C)> TwoHardHomesAsync(params KernelHost[] between)
    {
        var (a, c) = (_internet.AddHome("a's home", NatKind.Symmetric).AddHost("a"), _internet.AddHome("c's home", NatKind.Symmetric).AddHost("c"));
        _internet.Start();
        await FoundAsync(between[0], []);
        foreach (var host in between[1..]) { await JoinAsync(host, []); }
        await JoinAsync(a, []);
        await JoinAsync(c, []);
        foreach (var citizen in _citizens) { await citizen.UntilReachesAsync(_citizens, Patience); }
        return (_citizens[^2], _citizens[^1]);
    }

    private async Task<IReadOnlyList<RelayInfo>> StartRelayAsync(KernelHost host)
    {
        _relay = await LabNode.StartRelayAsync(host);
        return [_relay.ToRelay()];
    }

    private async Task FoundAsync(KernelHost host, IReadOnlyList<RelayInfo> relays) =>
        _citizens.Add(await LabCitizen.FoundAsync(host, relays).WaitAsync(Patience));

    private async Task JoinAsync(KernelHost host, IReadOnlyList<RelayInfo> relays, LabCitizen? sponsor = null, Role role = Role.Guest)
    {
        var ticket = await (sponsor ?? _citizens[0]).Node.InviteAsync(new() { Role = role }).WaitAsync(Patience);
        _citizens.Add(await LabCitizen.JoinAsync(host, ticket, relays).WaitAsync(Patience));
    }

    private static async Task EchoAsync(LabCitizen from, LabCitizen to)
    {
        await using var connection = await from.Node.ConnectAsync(to.Node.Id).WaitAsync(Patience);
        await using var flow = EchoFlow.Over(await connection.OpenStreamAsync().AsTask().WaitAsync(Patience), FlowLifetime);
        await flow.ContinueAsync(20_000);
        await flow.FinishAsync();
    }
}
