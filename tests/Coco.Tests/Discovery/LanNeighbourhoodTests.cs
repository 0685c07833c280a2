using System.Net;
using Coco.Cluster.Discovery;
using Coco.Crypto;
using Coco.Discovery;
using Coco.Traversal;
using Coco.Traversal.Finding;
using Coco.Traversal.Links;

namespace Coco.Tests.Discovery;

public sealed class LanNeighbourhoodTests
{
    private readonly List<LanEvent.Found> _foundByAda = [];
    private readonly List<LanEvent.Found> _foundByBob = [];
    private readonly LanNeighbourhood _ada;
    private readonly LanNeighbourhood _bob;
    private TimeSpan _now = TimeSpan.FromSeconds(1);

    public LanNeighbourhoodTests()
    {
        _ada = new(Id(1), [new(IPAddress.IPv6Any, 4001)], PathPolicy.Default, _foundByAda.Add);
        _bob = new(Id(2), [new(IPAddress.Any, 4002), new(IPAddress.Loopback, 4003)], PathPolicy.Default, _foundByBob.Add);
    }

    [Fact]
    public void Nodes_with_one_key_tell_each_other_where_they_listen()
    {
        (_ada.Key, _bob.Key) = (Key(1), Key(1));
        Meet();

        Assert.Equal((Id(2), "192.0.2.2:4002"), (_foundByAda.Single().Node, _foundByAda[0].Addresses.Single().ToString()));
        Assert.Equal((Id(1), "192.0.2.1:4001"), (_foundByBob.Single().Node, _foundByBob[0].Addresses.Single().ToString()));
    }

    [Fact]
    public void Who_has_the_old_key_neither_recognises_nor_is_recognised()
    {
        (_ada.Key, _bob.Key) = (Key(1), Key(1));
        _ada.Key = Key(2);
        Meet();

        Assert.Empty(_foundByAda);
        Assert.Empty(_foundByBob);
        _bob.Key = Key(2);
        Meet();
        Assert.Equal((Id(2), Id(1)), (_foundByAda.Single().Node, _foundByBob.Single().Node));
    }

    [Fact]
    public void Without_a_key_nothing_is_said()
    {
        _bob.Key = Key(1);
        Meet();
        _bob.Key = null;

        Assert.Equal(0, Meet());
        Assert.Equal(TimeSpan.MaxValue, _bob.Deadline);
    }

    [Fact]
    public void Only_interfaces_that_may_be_used_are_told_of()
    {
        var carol = new LanNeighbourhood(Id(3), [new(IPAddress.Any, 4003)], new() { AllowedInterfaces = ["eth1"] }, _ => { }) { Key = Key(1) };

        carol.HandleNetwork([Interface(3)], _now);
        carol.HandleTimeout(_now + TimeSpan.FromSeconds(1));

        Assert.False(carol.TryTakeDatagram(out _));
    }

    // Both look at the network anew and talk for five seconds; answers how many datagrams there were.
    private int Meet()
    {
        var said = 0;
        _ada.HandleNetwork([Interface(1)], _now);
        _bob.HandleNetwork([Interface(2)], _now);
        for (var end = _now + TimeSpan.FromSeconds(5); _now < end; _now += TimeSpan.FromMilliseconds(10))
        {
            said += Carry(_ada, _bob, 1) + Carry(_bob, _ada, 2);
        }
        return said;
    }

    private int Carry(LanNeighbourhood from, LanNeighbourhood to, int number)
    {
        var said = 0;
        if (from.Deadline <= _now) { from.HandleTimeout(_now); }
        while (from.TryTakeDatagram(out var datagram))
        {
            to.HandleDatagram(2, Address($"192.0.2.{number}:5353"), datagram.Payload.Span, _now);
            said++;
        }
        to.DrainEvents();
        return said;
    }

    private static DiscoveryKey Key(byte number) => new(Enumerable.Repeat(number, DiscoveryKey.Size).ToArray());

    private static NodeId Id(byte number) => NodeId.Read(Enumerable.Repeat(number, NodeId.Size).ToArray());

    private static InterfaceAddress Interface(int number) => new(Address($"192.0.2.{number}:0"), 24, 2, "eth0");

    private static NetworkAddress Address(string text)
    {
        Assert.True(NetworkAddress.TryParse(text, out var address));
        return address;
    }
}
