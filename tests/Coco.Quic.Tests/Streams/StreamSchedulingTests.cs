using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

public sealed class StreamSchedulingTests
{
    private readonly StreamSet _client = new StreamPair().Client;

    [Fact] // RFC 9218 §4.1
    public void Lower_urgency_sends_first()
    {
        Open(urgency: 5, incremental: true, size: 4000);
        Open(urgency: 1, incremental: true, size: 4000);
        Assert.Equal([6, 6, 6, 6, 2, 2, 2, 2], Order(1100));
    }

    [Fact] // RFC 9218 §4.2
    public void Streams_that_are_not_incremental_go_one_after_the_other()
    {
        Open(urgency: 3, incremental: false, size: 40_000);
        Open(urgency: 3, incremental: false, size: 40_000);
        Assert.Equal([2, 2, 2, 2, 2, 6, 6, 6, 6, 6], Order(8_010));
    }

    [Fact] // RFC 9218 §4.2
    public void Incremental_streams_take_turns()
    {
        Open(urgency: 3, incremental: true, size: 40_000);
        Open(urgency: 3, incremental: true, size: 40_000);
        Assert.Equal([2, 6, 2, 6, 2, 6], Order(StreamScheduler.Turn + 100));
    }

    [Fact] // RFC 9000 §13.3
    public void Lost_data_goes_before_new_data_of_its_urgency()
    {
        Open(urgency: 3, incremental: true, size: 1000);
        var lost = SentPacket.TryTake(_client, 1200)!;
        Open(urgency: 3, incremental: true, size: 1000);
        lost.Lose(_client);
        Assert.Equal([2, 6], Order(1100));
    }

    [Fact]
    public void A_priority_can_change_while_data_waits()
    {
        Open(urgency: 3, incremental: true, size: 1000);
        var second = Open(urgency: 3, incremental: true, size: 1000);
        _client.SetPriority(second, 0, incremental: false);
        Assert.Equal([6, 2], Order(1100));
    }

    [Fact]
    public void A_stream_whose_buffer_is_kept_short_takes_more_once_a_quarter_was_acknowledged()
    {
        Assert.True(_client.TryOpen(bidirectional: false, out var id));
        _client.SetMaxBuffered(id, 4000);
        Assert.Equal(StreamWriteStatus.Blocked, _client.Write(id, new byte[10_000], fin: false, out var written).Status);
        Assert.Equal((4000, 0), (written, _client.GetWriteSpan(id).Length));

        SentPacket.TryTake(_client, 800)!.Ack(_client);
        Assert.Empty(StreamPair.TakeEvents(_client));
        SentPacket.TryTake(_client, 800)!.Ack(_client);
        Assert.Equal(StreamEventKind.Writable, Assert.Single(StreamPair.TakeEvents(_client)).Kind);
        Assert.InRange(_client.GetWriteSpan(id).Length, 1000, 1600);
    }

    [Theory] // RFC 9000 §19.8: without a length the frame reaches to the end of the packet
    [InlineData(100, true, 0x08)]  // fills the packet
    [InlineData(100, false, 0x0A)] // more frames follow
    [InlineData(900, true, 0x0B)]  // ends before the packet does, and so does the stream
    public void The_length_is_left_out_exactly_when_the_frame_fills_the_packet(int room, bool lastInPacket, int type)
    {
        Open(urgency: 3, incremental: true, size: 500, fin: true);
        var packet = new byte[room];
        Assert.True(_client.TryWriteStreamFrame(packet, lastInPacket, out var sent, out var written));
        Assert.Equal(type, packet[0]);
        Assert.Equal(Math.Min(room, 504), written);
        Assert.Equal(type == 0x0B, sent.Fin);
    }

    [Fact]
    public void Every_size_of_room_is_used_or_refused()
    {
        for (var room = 0; room < 200; room++)
        {
            foreach (var lastInPacket in new[] { true, false })
            {
                var pair = new StreamPair();
                pair.Client.TryOpen(bidirectional: false, out var id);
                pair.Client.Write(id, new byte[150], fin: true, out _);
                var packet = new byte[room];
                var fits = pair.Client.TryWriteStreamFrame(packet, lastInPacket, out var sent, out var written);
                Assert.Equal(room >= (lastInPacket ? 3 : 4), fits);
                Assert.InRange(written, 0, room);
                Assert.Equal(QuicErrorCode.NoError, StreamFrames.Deliver(packet.AsSpan(0, written), pair.Server));
                Assert.Equal(sent.Length, pair.Server.BytesReceived);
            }
        }
    }

    private long Open(byte urgency, bool incremental, int size, bool fin = false)
    {
        _client.TryOpen(bidirectional: false, out var id);
        _client.SetPriority(id, urgency, incremental);
        _client.Write(id, new byte[size], fin, out _);
        return id;
    }

    private List<long> Order(int packetSize)
    {
        List<long> ids = [];
        var packet = new byte[packetSize];
        while (_client.TryWriteStreamFrame(packet, lastInPacket: true, out var sent, out _)) { ids.Add(sent.Id); }
        return ids;
    }
}
