using System.Net;
using System.Net.Sockets;
using Coco.Lab;
using Coco.Transport.Links;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Transport.Tests.Links;

/// <summary>Two ends that dial each other from their listening ports get one link (RFC 9293 §3.5).</summary>
public sealed class MeetingTests
{
    [Fact]
    public async Task Dialling_each_other_at_once_makes_one_link()
    {
        for (var round = 0; round < 20; round++)
        {
            await using LinkEnd a = new(), b = new();
            var (toA, toB) = (await a.ListenTcpAsync(), await b.ListenTcpAsync());

            await Task.WhenAll(Task.Run(() => a.Set.OpenTcp(1, toB, fromListeningPort: true)), Task.Run(() => b.Set.OpenTcp(2, toA, fromListeningPort: true)));

            await AssertOneLinkAsync(a, b, toA, toB);
        }
    }

    [Fact]
    public async Task Who_dials_late_is_answered_with_the_link_it_accepted()
    {
        await using LinkEnd a = new(), b = new();
        var (toA, toB) = (await a.ListenTcpAsync(), await b.ListenTcpAsync());
        a.Set.OpenTcp(1, toB, fromListeningPort: true);
        var accepted = await b.Sink.NextAsync<LinkEvent.Accepted>();

        b.Set.OpenTcp(2, toA, fromListeningPort: true);

        Assert.Equal(new LinkEvent.Opened(2, accepted.Link), await b.Sink.NextAsync<LinkEvent.Opened>());
        await AssertCarriesAsync(a, (await a.Sink.NextAsync<LinkEvent.Opened>()).Link, b, accepted.Link);
    }

    [Fact]
    public async Task A_request_whose_connection_never_introduces_itself_times_out()
    {
        var time = new ManualTime();
        await using var a = new LinkEnd(new() { OpenTimeout = TimeSpan.FromSeconds(7) }, time: time);
        var toA = await a.ListenTcpAsync();
        using var peer = await RawPeer.ConnectAsync(LinkEndPoint.ToEndPoint(toA));
        a.Set.OpenTcp(1, LinkEndPoint.ToAddress((IPEndPoint)peer.Socket.LocalEndPoint!), fromListeningPort: true);
        await time.AwaitTimerAsync(TimeSpan.FromSeconds(7));

        time.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal(1, (await a.Sink.NextAsync<LinkEvent.Failed>()).Request);
    }

    [Fact] // the packets cross: both are lost at first, and when one is sent again both ends are dialling
    public async Task Packets_that_cross_half_way_make_one_link_that_both_ends_opened()
    {
        var reason = LabSupport.ReasonWithout("ip", "nsenter", "ss");
        Assert.False(reason is not null && LabSupport.MustRun, reason);
        Assert.SkipWhen(reason is not null, reason ?? "");
        using var lab = new VethPair(VethMode.Offloaded);
        await using var a = new LinkEnd(sockets: family => lab.Left.CreateSocket(family, SocketType.Stream, ProtocolType.Tcp));
        await using var b = new LinkEnd(sockets: family => lab.Right.CreateSocket(family, SocketType.Stream, ProtocolType.Tcp));
        var toA = LinkEndPoint.ToAddress(await a.Set.ListenTcpAsync(new(lab.LeftAddress, 0)));
        var toB = LinkEndPoint.ToAddress(await b.Set.ListenTcpAsync(new(lab.RightAddress, 0)));
        LoseAll(lab.Left, lab.RightAddress);
        LoseAll(lab.Right, lab.LeftAddress);
        a.Set.OpenTcp(1, toB, fromListeningPort: true);
        b.Set.OpenTcp(2, toA, fromListeningPort: true);
        await AwaitDiallingAsync(lab.Left);
        await AwaitDiallingAsync(lab.Right);

        lab.Left.Ip($"neigh del {lab.RightAddress} dev eth0\n");
        lab.Right.Ip($"neigh del {lab.LeftAddress} dev eth0\n");

        var (opened, other) = (await a.Sink.NextAsync<LinkEvent.Opened>(), await b.Sink.NextAsync<LinkEvent.Opened>());
        Assert.Equal((toB, toA), (opened.Link.Remote, other.Link.Remote));
        await AssertCarriesAsync(a, opened.Link, b, other.Link);
        Assert.Equal((1, 1), (a.Set.Count, b.Set.Count));
    }

    private static async Task AssertOneLinkAsync(LinkEnd a, LinkEnd b, NetworkAddress toA, NetworkAddress toB)
    {
        var fromA = await a.Sink.AwaitAsync<LinkEvent.Opened>();
        var fromB = await b.Sink.AwaitAsync<LinkEvent.Opened>();

        Assert.Equal((1, toB), (fromA.Request, fromA.Link.Remote));
        Assert.Equal((2, toA), (fromB.Request, fromB.Link.Remote));
        Assert.Equal((1, 1), (a.Set.Count, b.Set.Count));
        await AssertCarriesAsync(a, fromA.Link, b, fromB.Link);
    }

    private static async Task AssertCarriesAsync(LinkEnd a, Link fromA, LinkEnd b, Link fromB)
    {
        Assert.True(a.Set.TrySend(fromA, [1, 2], 2));
        Assert.True(b.Set.TrySend(fromB, [3], 1));
        Assert.Equal([1, 2], (await b.Sink.AwaitAsync<LinkEvent.Received>()).Datagram);
        Assert.Equal([3], (await a.Sink.AwaitAsync<LinkEvent.Received>()).Datagram);
    }

    // Frames go to an Ethernet address that nobody has.
    private static void LoseAll(NetNamespace space, IPAddress address) =>
        space.Ip($"neigh replace {address} lladdr 02:00:00:00:00:09 dev eth0 nud permanent\n");

    private static async Task AwaitDiallingAsync(NetNamespace space)
    {
        var limit = DateTime.UtcNow + RecordingSink.Patience;
        while (!space.Run("ss", "-tnH", "state", "syn-sent").Contains("198.51.100", StringComparison.Ordinal))
        {
            Assert.True(DateTime.UtcNow < limit, "nobody dials");
            await Task.Yield();
        }
    }
}
