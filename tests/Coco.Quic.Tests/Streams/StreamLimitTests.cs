using Coco.Quic.Frames;
using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

public sealed class StreamLimitTests
{
    private static readonly StreamOptions Few = new() { MaxBidirectionalStreams = 2, MaxUnidirectionalStreams = 100 };

    private readonly StreamPair _pair = new(Few);

    private StreamSet Client => _pair.Client;

    private StreamSet Server => _pair.Server;

    [Fact] // RFC 9000 §4.6: MUST NOT exceed
    public void A_stream_beyond_the_limit_is_not_opened_and_the_peer_is_told_once()
    {
        Assert.True(Client.TryOpen(bidirectional: true, out var first));
        Assert.True(Client.TryOpen(bidirectional: true, out var second));
        Assert.Equal((0, 4), (first, second));
        Assert.False(Client.TryOpen(bidirectional: true, out _));
        Assert.False(Client.TryOpen(bidirectional: true, out _));
        Assert.Equal([new(FrameType.StreamsBlockedBidi, -1, 2)], SentPacket.TryTake(Client, 100)!.Controls);
        Assert.False(Client.HasControl);

        Client.HandleMaxStreams(bidirectional: true, 3);
        Assert.Equal([new(StreamEventKind.CanOpenBidirectional, -1, 0)], StreamPair.TakeEvents(Client));
        Assert.True(Client.TryOpen(bidirectional: true, out _));
    }

    [Fact] // RFC 9000 §4.6
    public void A_peers_stream_beyond_the_limit_is_a_limit_error()
    {
        Assert.Equal(QuicErrorCode.NoError, Server.HandleStream(4, 0, [], fin: false));
        Assert.Equal(QuicErrorCode.StreamLimitError, Server.HandleStream(8, 0, [], fin: false));
        Assert.Equal(QuicErrorCode.StreamLimitError, Server.HandleStream((1L << 62) - 4, 0, [], fin: false));
    }

    [Theory] // RFC 9000 §19.11, §19.14: counts above 2^60 cannot be stream ids
    [InlineData(true)]
    [InlineData(false)]
    public void A_count_that_no_stream_id_can_reach_is_an_encoding_error(bool bidirectional)
    {
        Assert.Equal(QuicErrorCode.NoError, Client.HandleMaxStreams(bidirectional, 1UL << 60));
        Assert.Equal(QuicErrorCode.FrameEncodingError, Client.HandleMaxStreams(bidirectional, (1UL << 60) + 1));
        Assert.Equal(QuicErrorCode.FrameEncodingError, Client.HandleStreamsBlocked(bidirectional, (1UL << 60) + 1));
    }

    [Fact] // RFC 9000 §4.6: a limit that is not higher is ignored
    public void A_lower_count_is_ignored()
    {
        Client.HandleMaxStreams(bidirectional: true, 1);
        Client.TryOpen(bidirectional: true, out _);
        Assert.True(Client.TryOpen(bidirectional: true, out _));
    }

    [Fact]
    public void Streams_opened_before_the_peers_limits_are_known_wait_for_them()
    {
        var client = new StreamSet(isClient: true, Few);
        Assert.False(client.TryOpen(bidirectional: true, out _));
        Assert.False(client.HasControl);
        StreamPair.Introduce(client, Few);
        Assert.Equal([new(StreamEventKind.CanOpenBidirectional, -1, 0)], StreamPair.TakeEvents(client));
        Assert.True(client.TryOpen(bidirectional: true, out _));
    }

    [Fact] // the interop runner's multiplexing case
    public void Nineteen_hundred_and_ninety_nine_streams_go_over_a_limit_of_a_hundred()
    {
        var opened = 0;
        var closed = 0;
        while (closed < 1999)
        {
            while (opened < 1999 && Client.TryOpen(bidirectional: false, out var id))
            {
                Client.Write(id, [1, 2, 3], fin: true, out _);
                opened++;
            }
            _pair.Exchange();
            foreach (var taken in StreamPair.TakeEvents(Server).Where(e => e.Kind is StreamEventKind.Readable))
            {
                Server.Read(taken.Id, new byte[9], out _, out var fin);
                Assert.True(fin);
            }
            StreamPair.TakeEvents(Client);
            closed += StreamPair.TakeEvents(Server).Count(e => e.Kind is StreamEventKind.Closed);
            Assert.InRange(Server.Count, 0, 100);
        }
        _pair.Exchange();
        Assert.Equal((0, 0), (Client.Count, Server.Count));
    }

    [Fact]
    public void Long_lived_streams_do_not_keep_closed_ones_from_being_replaced()
    {
        Client.TryOpen(bidirectional: true, out _);
        for (var i = 0; i < 20; i++)
        {
            Assert.True(Client.TryOpen(bidirectional: true, out var id));
            Client.Write(id, [1], fin: true, out _);
            _pair.Exchange();
            Server.Read(id, new byte[9], out _, out _);
            Server.Write(id, [], fin: true, out _);
            _pair.Exchange();
            Client.Read(id, new byte[9], out _, out _);
            StreamPair.TakeEvents(Client);
            StreamPair.TakeEvents(Server);
            _pair.Exchange();
        }
    }
}
