using System.Net;
using System.Net.Sockets;
using System.Text;
using Coco.Cluster.Discovery;
using Coco.Crypto;
using Coco.Lab.Kernel;
using Coco.Storage;

namespace Coco.Scenarios.Tests.Discovery;

/// <summary>Whole nodes that were somewhere else when they got to know each other, and come to one LAN.</summary>
public sealed class NodesOnLanTests : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-lan-");
    private readonly StoreKey _key = StoreKey.FromPassphrase("correct horse");
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(60));
    private readonly List<IAsyncDisposable> _owned = [];

    [Fact]
    public async Task Nodes_that_know_no_address_of_each_other_find_each_other_on_a_lan()
    {
        using var lan = new LabLan(2);
        await MeetElsewhereAsync("ada", "bob");
        var (ada, bob) = (await StartOnAsync(lan, 0, "ada"), await StartOnAsync(lan, 1, "bob"));

        await ada.WaitForAsync(node => node.Peers.Any(peer => peer.Id == bob.Id && peer.IsReachable), _patience.Token);
        await using var connection = await bob.ConnectAsync("ada", _patience.Token);
        Assert.Equal(IPAddress.Parse("192.0.2.1"), connection.ActivePath!.RemoteEndPoint.Address);
    }

    [Fact]
    public async Task After_a_removal_the_removed_neither_recognises_the_others_on_a_lan_nor_is_recognised()
    {
        using var lan = new LabLan(4);
        var eve = await MeetElsewhereAsync("ada", "bob", "eve");
        var (ada, bob) = (await StartOnAsync(lan, 0, "ada"), await StartOnAsync(lan, 1, "bob"));
        await ada.WaitForAsync(node => node.Peers.Any(peer => peer.Id == bob.Id && peer.IsReachable), _patience.Token);
        var old = await KeyOfAsync(ada);
        await using var thief = new LabMember(lan.Hosts[2], old, node: 3);
        NodeId[] found = [((LanEvent.Found)await thief.NextAsync()).Node, ((LanEvent.Found)await thief.NextAsync()).Node];
        Assert.Equal(new[] { ada.Id, bob.Id }.Order(), found.Order());

        await ada.RemoveAsync(eve, _patience.Token);
        await WhenAsync(async () => !(await KeyOfAsync(ada)).IsSame(old) && !(await KeyOfAsync(bob)).IsSame(old));
        var key = await KeyOfAsync(ada);
        await WhenAsync(() => Said(thief.Heard, key).Distinct().Count() == 2);

        // A stranger that speaks up and then asks: all that is answered comes after it was heard.
        await using var other = new LabMember(lan.Hosts[3], old, node: 4);
        await WhenAsync(() => Said(other.Heard, old).Contains(other.Id));
        var before = other.Heard.Count;
        other.MoveOn();
        await WhenAsync(() => Said(other.Heard.Skip(before), key).Distinct().Count() == 2);
        Assert.DoesNotContain(Said(other.Heard, old), node => node == ada.Id || node == bob.Id);
        Assert.Empty(await ada.Loop.AskAsync((member, _) => member.LanAddressesOf(other.Id), _patience.Token));
        Assert.Empty(await bob.Loop.AskAsync((member, _) => member.LanAddressesOf(other.Id), _patience.Token));
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = _owned.Count - 1; i >= 0; i--) { await _owned[i].DisposeAsync(); }
        _patience.Dispose();
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    // On loopback, where nobody can be found on a LAN; the last one's identity.
    private async Task<NodeId> MeetElsewhereAsync(params string[] names)
    {
        var nodes = new List<Node> { await Node.CreateNetworkAsync(new() { Name = "town" }, OptionsOf(names[0]), _patience.Token) };
        foreach (var name in names[1..])
        {
            var ticket = await nodes[0].InviteAsync(cancellationToken: _patience.Token);
            nodes.Add(await Node.JoinAsync(ticket, OptionsOf(name), _patience.Token));
        }
        // Each has to know the others for what they are when it sees them again.
        foreach (var node in nodes) { await node.WaitForAsync(one => one.Peers.Count(peer => peer.IsReachable) == names.Length - 1, _patience.Token); }
        foreach (var node in nodes) { await node.DisposeAsync(); }
        return nodes[^1].Id;
    }

    private async Task<Node> StartOnAsync(LabLan lan, int number, string name)
    {
        var space = lan.Hosts[number];
        var network = new NamespaceNetwork(space);
        var host = await CocoHost.StartAsync(
            new()
            {
                ListenAddresses = [new(IPAddress.Any, 0)],
                Multicast = new()
                {
                    CreateSocket = family => space.CreateSocket(family, SocketType.Dgram, ProtocolType.Udp),
                    ReadInterfaces = network.GetInterfaces,
                },
            },
            network);
        _owned.Add(host);
        var node = await Node.StartAsync(OptionsOf(name) with { Host = host, DiscoverOnLan = true }, _patience.Token);
        _owned.Add(node);
        return node;
    }

    private NodeOptions OptionsOf(string name) => new()
    {
        Name = name, App = new("town"), ListenAddresses = [new(IPAddress.Loopback, 0)], DiscoverOnLan = false,
        ConnectTimeout = TimeSpan.FromMinutes(5), // longer than the test: a call that knows no place must not be waited for
        StorePath = Path.Combine(_folder.FullName, name), StoreKey = _key,
    };

    private Task<DiscoveryKey> KeyOfAsync(Node node) => node.Loop.AskAsync((member, _) => member.Discovery!, _patience.Token);

    // Who says with this key that it is here.
    private static IEnumerable<NodeId> Said(IEnumerable<byte[]> heard, DiscoveryKey key)
    {
        foreach (var payload in heard)
        {
            if (!DnsMessage.TryDecode(payload, out var message) || !message.IsResponse) { continue; }
            foreach (var record in message.Records)
            {
                if (record.Type is not DnsType.Txt || !key.TryRecognise(Encoding.ASCII.GetString(record.Name.Labels[0]), out var nonce)) { continue; }
                if (LanPresence.TryDecodeText(key, nonce, record.Data.Span, out var presence)) { yield return presence.Node; }
            }
        }
    }

    private Task WhenAsync(Func<bool> condition) => WhenAsync(() => Task.FromResult(condition()));

    private async Task WhenAsync(Func<Task<bool>> condition)
    {
        while (!await condition()) { await Task.Delay(20, _patience.Token); }
    }
}
