using System.Net;
using System.Net.Sockets;
using Coco.Transport.Links;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Transport.Tests.Links;

public sealed class TcpLinkTests
{
    private static readonly byte[] Preamble = TcpFraming.Preamble.ToArray();

    [Fact]
    public async Task Nobody_listening_is_refused()
    {
        await using var end = new LinkEnd();
        NetworkAddress remote;
        using (var gone = RawPeer.Listen()) { remote = LinkEndPoint.ToAddress((IPEndPoint)gone.LocalEndPoint!); }
        end.Set.OpenTcp(5, remote, fromListeningPort: false);

        var failed = await end.Sink.NextAsync<LinkEvent.Failed>();
        Assert.Equal((5, LinkFailure.Refused), (failed.Request, failed.Failure));
    }

    [Fact]
    public async Task An_address_that_is_none_is_unreachable()
    {
        await using var end = new LinkEnd();
        end.Set.OpenTcp(5, NetworkAddress.FromIpv4(0, 80), fromListeningPort: false);

        Assert.Equal(LinkFailure.Unreachable, (await end.Sink.NextAsync<LinkEvent.Failed>()).Failure);
    }

    [Fact]
    public async Task A_host_that_does_not_answer_times_out()
    {
        var time = new ManualTime();
        await using var end = new LinkEnd(time: time);
        using var full = RawPeer.Listen(backlog: 0);
        using var first = await RawPeer.ConnectAsync((IPEndPoint)full.LocalEndPoint!); // Linux drops what comes while the backlog is full
        end.Set.OpenTcp(1, LinkEndPoint.ToAddress((IPEndPoint)full.LocalEndPoint!), fromListeningPort: false);
        await time.AwaitTimerAsync(new LinkOptions().OpenTimeout);

        time.Advance(new LinkOptions().OpenTimeout);

        Assert.Equal(LinkFailure.TimedOut, (await end.Sink.NextAsync<LinkEvent.Failed>()).Failure);
    }

    [Theory, InlineData("HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n"), InlineData("coco\u0002\0\0\0"), InlineData("")]
    public async Task A_service_that_is_something_else_is_not_a_relay(string answer)
    {
        await using var end = new LinkEnd();
        using var listener = RawPeer.Listen();
        end.Set.OpenTcp(1, LinkEndPoint.ToAddress((IPEndPoint)listener.LocalEndPoint!), fromListeningPort: false);
        using (var portal = new RawPeer(await listener.AcceptAsync()))
        {
            Assert.Equal(Preamble, await portal.ReceiveAsync(8));
            await portal.SendAsync(answer);
        }

        Assert.Equal(LinkFailure.NotARelay, (await end.Sink.NextAsync<LinkEvent.Failed>()).Failure);
    }

    [Fact]
    public async Task A_service_that_says_nothing_for_5_s_is_not_a_relay()
    {
        var time = new ManualTime();
        await using var end = new LinkEnd(time: time);
        using var listener = RawPeer.Listen();
        end.Set.OpenTcp(1, LinkEndPoint.ToAddress((IPEndPoint)listener.LocalEndPoint!), fromListeningPort: false);
        await time.AwaitTimerAsync(TimeSpan.FromSeconds(5));

        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(LinkFailure.NotARelay, (await end.Sink.NextAsync<LinkEvent.Failed>()).Failure);
    }

    [Fact]
    public async Task A_stranger_without_a_preamble_hears_nothing_and_is_closed()
    {
        await using var end = new LinkEnd();
        using var stranger = await RawPeer.ConnectAsync(LinkEndPoint.ToEndPoint(await end.ListenTcpAsync()));
        await stranger.SendAsync("GET / HTTP/1.1\r\n\r\n");

        Assert.Empty(await stranger.ReceiveToEndAsync());
        Assert.True(end.Sink.IsQuiet);
    }

    [Fact] // slow-loris
    public async Task A_stranger_that_trickles_its_preamble_is_closed_after_5_s()
    {
        var time = new ManualTime();
        await using var end = new LinkEnd(time: time);
        using var stranger = await RawPeer.ConnectAsync(LinkEndPoint.ToEndPoint(await end.ListenTcpAsync()));
        await stranger.SendAsync("coco");
        await time.AwaitTimerAsync(TimeSpan.FromSeconds(5));

        time.Advance(TimeSpan.FromSeconds(4.9));
        await stranger.SendAsync("\u0001\0");
        time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Empty(await stranger.ReceiveToEndAsync());
    }

    [Fact]
    public async Task Who_is_not_authenticated_within_10_s_is_closed_and_who_is_stays()
    {
        var time = new ManualTime();
        await using LinkEnd end = new(time: time), friend = new();
        var listening = await end.ListenTcpAsync();
        using var stranger = await RawPeer.ConnectAsync(LinkEndPoint.ToEndPoint(listening));
        await stranger.SendAsync(Preamble);
        var strange = await end.Sink.NextAsync<LinkEvent.Accepted>();
        friend.Set.OpenTcp(1, listening, fromListeningPort: false);
        var known = await end.Sink.NextAsync<LinkEvent.Accepted>();
        end.Set.MarkAuthenticated(known.Link);

        time.Advance(TimeSpan.FromSeconds(10));

        var closed = await end.Sink.NextAsync<LinkEvent.Closed>();
        Assert.Equal((strange.Link, LinkFailure.Policy), (closed.Link, closed.Reason));
        Assert.Equal(Preamble, await stranger.ReceiveToEndAsync());
        Assert.True(end.Set.TryGet(known.Link, out _));
    }

    [Fact]
    public async Task Strangers_beyond_the_limit_are_turned_away_until_one_is_authenticated_or_leaves()
    {
        await using var end = new LinkEnd(new() { MaxUnauthenticated = 10, MaxUnauthenticatedPerAddress = 2 });
        var listening = LinkEndPoint.ToEndPoint(await end.ListenTcpAsync());
        using var first = await IntroduceAsync(listening);
        var accepted = await end.Sink.NextAsync<LinkEvent.Accepted>();
        using var second = await IntroduceAsync(listening);
        await end.Sink.NextAsync<LinkEvent.Accepted>();

        await AssertTurnedAwayAsync(listening);
        Assert.Equal(1, end.Set.Rejected);

        end.Set.MarkAuthenticated(accepted.Link);
        using var fourth = await IntroduceAsync(listening);
        await end.Sink.NextAsync<LinkEvent.Accepted>();
        second.Reset();
        await end.Sink.NextAsync<LinkEvent.Closed>();
        using var fifth = await IntroduceAsync(listening);
        await end.Sink.NextAsync<LinkEvent.Accepted>();
    }

    [Fact]
    public async Task A_frame_without_a_length_ends_the_link()
    {
        await using var end = new LinkEnd();
        using var peer = await IntroduceAsync(LinkEndPoint.ToEndPoint(await end.ListenTcpAsync()));
        await peer.SendAsync([0, 1, 42, 0, 0]);

        await end.Sink.NextAsync<LinkEvent.Accepted>();
        var closed = await end.Sink.AwaitAsync<LinkEvent.Closed>();
        Assert.Equal((LinkFailure.NotARelay, "sent a frame without a length"), (closed.Reason, closed.Detail));
    }

    [Theory]
    [InlineData(false, LinkFailure.Closed)]
    [InlineData(true, LinkFailure.Reset)]
    public async Task The_end_of_the_stream_is_orderly_between_frames_only(bool withinFrame, LinkFailure reason)
    {
        await using var end = new LinkEnd();
        using var peer = await IntroduceAsync(LinkEndPoint.ToEndPoint(await end.ListenTcpAsync()));
        await peer.SendAsync(withinFrame ? [0, 1, 42, 0, 9, 1] : [0, 1, 42]);
        peer.Socket.Shutdown(SocketShutdown.Send);

        await end.Sink.NextAsync<LinkEvent.Accepted>();
        Assert.Equal([42], (await end.Sink.NextAsync<LinkEvent.Received>()).Datagram);
        Assert.Equal(reason, (await end.Sink.NextAsync<LinkEvent.Closed>()).Reason);
    }

    [Fact]
    public async Task Frames_arrive_whatever_the_pieces_they_are_sent_in()
    {
        await using var end = new LinkEnd();
        using var peer = await IntroduceAsync(LinkEndPoint.ToEndPoint(await end.ListenTcpAsync()));
        await end.Sink.NextAsync<LinkEvent.Accepted>();
        var random = new Random(11);
        var datagrams = Enumerable.Range(0, 200).Select(i => Datagram(random, i % 50 == 49 ? 65_535 : random.Next(1, 3000))).ToArray();
        var stream = datagrams.SelectMany(static datagram => (byte[])[(byte)(datagram.Length >> 8), (byte)datagram.Length, .. datagram]).ToArray();

        for (var at = 0; at < stream.Length;)
        {
            var length = Math.Min(random.Next(1, random.Next(2, 20_000)), stream.Length - at);
            await peer.SendAsync(stream[at..(at + length)]);
            at += length;
        }

        foreach (var datagram in datagrams) { Assert.Equal(datagram, (await end.Sink.NextAsync<LinkEvent.Received>()).Datagram); }
    }

    [Fact]
    public async Task Links_being_opened_have_a_limit()
    {
        await using var end = new LinkEnd(new() { MaxOpening = 2 });
        using var silent = RawPeer.Listen();
        var remote = LinkEndPoint.ToAddress((IPEndPoint)silent.LocalEndPoint!);
        for (var request = 1; request <= 3; request++) { end.Set.OpenTcp(request, remote, fromListeningPort: false); }

        var failed = await end.Sink.NextAsync<LinkEvent.Failed>();
        Assert.Equal((3, LinkFailure.Policy), (failed.Request, failed.Failure));
    }

    [Fact]
    public async Task Disposing_answers_what_is_still_being_opened()
    {
        var end = new LinkEnd();
        using var silent = RawPeer.Listen();
        end.Set.OpenTcp(1, LinkEndPoint.ToAddress((IPEndPoint)silent.LocalEndPoint!), fromListeningPort: false);

        await end.DisposeAsync();
        await end.DisposeAsync();
        end.Set.OpenTcp(2, NetworkAddress.FromIpv4(0x7F000001, 1), fromListeningPort: false);

        Assert.Equal((1, LinkFailure.Closed), await end.Sink.NextAsync<LinkEvent.Failed>() is var first ? (first.Request, first.Failure) : default);
        Assert.Equal((2, LinkFailure.Closed), await end.Sink.NextAsync<LinkEvent.Failed>() is var second ? (second.Request, second.Failure) : default);
    }

    private static async Task AssertTurnedAwayAsync(IPEndPoint listening)
    {
        try
        {
            using var peer = await RawPeer.ConnectAsync(listening);
            Assert.Empty(await peer.ReceiveToEndAsync());
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset) { } // before we looked
    }

    private static async Task<RawPeer> IntroduceAsync(IPEndPoint remote)
    {
        var peer = await RawPeer.ConnectAsync(remote);
        await peer.SendAsync(Preamble);
        Assert.Equal(Preamble, await peer.ReceiveAsync(8));
        return peer;
    }

    private static byte[] Datagram(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
