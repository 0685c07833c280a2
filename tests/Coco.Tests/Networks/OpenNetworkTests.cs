using System.Net;
using Coco.Cluster;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Storage;
using Coco.Storing;

namespace Coco.Tests.Networks;

public sealed class OpenNetworkTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-open-");
    private readonly StoreKey _key = StoreKey.FromPassphrase("correct horse");

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task In_an_open_network_a_member_connects_to_one_of_another_app_that_it_has_never_heard_of()
    {
        await using var network = new TestNetwork();
        var watch = new ListingWatch();
        var hub = await network.CreateAsync("hub", options => options with { App = null, LoggerFactory = watch }, NetworkProfile.Open);
        var (red, green, blue) = (await JoinAsync(network, hub, "red"), await JoinAsync(network, hub, "green"), await JoinAsync(network, hub, "blue"));
        await Task.WhenAll(watch.ListedAsync(green.Id), watch.ListedAsync(blue.Id), watch.ListedAsync(red.Id)).WaitAsync(network.Patience);
        Assert.Equal([hub.Id], red.Peers.Select(static peer => peer.Id));
        Assert.DoesNotContain(red.Graph.Nodes, node => node.Id == blue.Id);

        await network.ExchangeAsync(red, blue, "blue");
        await network.ExchangeAsync(red, green);

        Assert.Equal(["blue", "green", "hub"], red.Peers.Select(static peer => peer.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["hub", "red"], blue.Peers.Select(static peer => peer.Name).Order(StringComparer.Ordinal));
        Assert.Equal(new SubClusterId("blue"), red.Peers.Single(peer => peer.Id == blue.Id).SubCluster);
    }

    [Fact]
    public async Task Who_is_not_there_is_not_found_and_without_a_core_nobody_can_be_looked_up()
    {
        await using var network = new TestNetwork();
        var hub = await network.CreateAsync("hub", static options => options with { App = null }, NetworkProfile.Open);
        var red = await JoinAsync(network, hub, "red");

        var byName = await Assert.ThrowsAsync<CocoException>(() => red.ConnectAsync("nobody", network.Patience));
        var byId = await Assert.ThrowsAsync<CocoException>(() => red.ConnectAsync(SomeId, network.Patience));
        var fromCore = await Assert.ThrowsAsync<CocoException>(() => hub.ConnectAsync("nobody", network.Patience));
        await hub.DisposeAsync();
        await red.WaitForAsync(static node => !node.Peers[0].IsReachable, network.Patience);
        var alone = await Assert.ThrowsAsync<CocoException>(() => red.ConnectAsync("nobody", network.Patience));

        Assert.Equal([CocoError.NotFound, CocoError.NotFound, CocoError.NotFound, CocoError.Unreachable], new[] { byName, byId, fromCore, alone }.Select(static failure => failure.Code));
    }

    [Fact]
    public async Task In_a_private_network_members_of_other_apps_are_refused_and_nothing_of_them_is_told()
    {
        await using var network = new TestNetwork();
        var hub = await network.CreateAsync("hub", static options => options with { App = null });
        var stored = TestNetwork.Options("red") with { App = new AppId("red"), StorePath = Path.Combine(_folder.FullName, "red"), StoreKey = _key };
        var red = await network.JoinAsync(hub, "red", change: _ => stored);
        var (green, blue) = (await JoinAsync(network, hub, "green"), await JoinAsync(network, hub, "blue"));
        await network.ExchangeAsync(hub, blue);
        await network.ExchangeAsync(hub, red);

        foreach (var other in (Node[])[green, blue])
        {
            var byId = await Assert.ThrowsAsync<CocoException>(() => red.ConnectAsync(other.Id, network.Patience));
            var byName = await Assert.ThrowsAsync<CocoException>(() => red.ConnectAsync(other.Name, network.Patience));
            Assert.Equal((CocoError.NotFound, CocoError.NotFound), (byId.Code, byName.Code));
        }
        Assert.Equal([hub.Id], red.Peers.Select(static peer => peer.Id));
        Assert.Equal(new[] { hub.Id, red.Id }.Order(), red.Graph.Nodes.Select(static node => node.Id).Order());
        Assert.Equal(3, hub.Peers.Count);
        await red.DisposeAsync();
        await using var store = await MemberStore.OpenAsync(stored, StoreMode.Open, network.Patience);
        var rows = store!.Read().ToArray();
        Assert.Contains(rows, row => Mentions(row.Key, hub) || Mentions(row.Value, hub));
        Assert.All(rows, row => Assert.False(Mentions(row.Key, green) || Mentions(row.Value, green) || Mentions(row.Key, blue) || Mentions(row.Value, blue)));
    }

    [Fact]
    public async Task An_app_in_two_networks_on_one_socket_connects_to_both_and_nothing_crosses_but_what_it_carries()
    {
        await using var network = new TestNetwork();
        var host = network.Own(await CocoHost.StartAsync(new() { ListenAddresses = [new(IPAddress.Loopback, 0)] }, network.Patience));
        var homeHub = await network.CreateAsync("home-hub", static options => options with { App = null }, NetworkProfile.Open);
        var workHub = await network.CreateAsync("work-hub", static options => options with { App = null }, NetworkProfile.Open);
        NodeOptions Shared(NodeOptions options) => options with { Host = host };
        var (inHome, inWork) = (await network.JoinAsync(homeHub, "bridge", change: Shared), await network.JoinAsync(workHub, "bridge", change: Shared));
        var (lamp, printer) = (await network.JoinAsync(homeHub, "lamp"), await network.JoinAsync(workHub, "printer"));
        await network.AllSeeAsync(homeHub, inHome, lamp);
        await network.AllSeeAsync(workHub, inWork, printer);

        await network.ExchangeAsync(inHome, lamp, "lamp");
        await network.ExchangeAsync(inWork, printer, "printer");
        await network.ExchangeAsync(lamp, inHome, "bridge");
        await network.ExchangeAsync(printer, inWork, "bridge");

        var (home, work) = ((Node[])[homeHub, inHome, lamp], (Node[])[workHub, inWork, printer]);
        foreach (var (ours, theirs) in ((Node[], Node[])[])[(home, work), (work, home)])
        {
            var foreign = theirs.Select(static node => node.Id).ToHashSet();
            foreach (var node in ours)
            {
                Assert.DoesNotContain(node.Peers, peer => foreign.Contains(peer.Id));
                Assert.DoesNotContain(node.Graph.Nodes, member => foreign.Contains(member.Id));
            }
        }
        foreach (var (from, to) in ((Node, Node)[])[(lamp, printer), (inHome, inWork), (inWork, lamp), (lamp, inWork)])
        {
            var failure = await Assert.ThrowsAsync<CocoException>(() => from.ConnectAsync(to.Id, network.Patience));
            Assert.Equal(CocoError.NotFound, failure.Code);
        }
        Assert.Single(host.LocalEndPoints);
    }

    private static NodeId SomeId
    {
        get
        {
            using var key = IdentityKey.Generate(new SeededRandomSource(9));
            return key.Id;
        }
    }

    private static Task<Node> JoinAsync(TestNetwork network, Node hub, string name) =>
        network.JoinAsync(hub, name, change: options => options with { App = new AppId(name) });

    private static bool Mentions(ReadOnlyMemory<byte> bytes, Node node)
    {
        Span<byte> id = stackalloc byte[NodeId.Size];
        node.Id.CopyTo(id);
        return bytes.Span.IndexOf(id[..8]) >= 0 || bytes.Span.IndexOf(System.Text.Encoding.UTF8.GetBytes(node.Name)) >= 0;
    }
}
