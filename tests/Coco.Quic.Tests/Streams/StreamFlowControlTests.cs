using Coco.Quic.Frames;
using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

public sealed class StreamFlowControlTests
{
    private const long ClientUni = 2;

    private static readonly StreamOptions Small = new()
    {
        InitialStreamWindow = 1024,
        MaxStreamWindow = 4096,
        InitialConnectionWindow = 1536,
        MaxConnectionWindow = 6144,
    };

    private readonly StreamPair _pair = new(Small);

    private StreamSet Client => _pair.Client;

    private StreamSet Server => _pair.Server;

    [Fact] // RFC 9000 §4.1
    public void Data_beyond_the_streams_limit_is_a_flow_control_error()
    {
        Assert.Equal(QuicErrorCode.NoError, Server.HandleStream(ClientUni, 1023, [1], fin: false));
        Assert.Equal(QuicErrorCode.FlowControlError, Server.HandleStream(ClientUni, 1024, [1], fin: false));
    }

    [Fact] // RFC 9000 §4.1: offsets of all streams count, data that comes twice counts once
    public void Data_beyond_the_connections_limit_is_a_flow_control_error()
    {
        Server.HandleStream(ClientUni, 0, new byte[1024], fin: false);
        Server.HandleStream(ClientUni, 0, new byte[1024], fin: false);
        Assert.Equal(QuicErrorCode.NoError, Server.HandleStream(ClientUni + 4, 511, [1], fin: false));
        Assert.Equal(QuicErrorCode.FlowControlError, Server.HandleStream(ClientUni + 8, 0, [1], fin: false));
    }

    [Fact] // RFC 9000 §4.5: the final size of a reset stream counts, and is given back at once
    public void A_reset_counts_its_final_size_and_credits_it()
    {
        Assert.Equal(QuicErrorCode.FlowControlError, Server.HandleResetStream(ClientUni, 0, 1025));
        Assert.Equal(QuicErrorCode.NoError, Server.HandleResetStream(ClientUni, 0, 1024));
        Assert.Equal((1024, 1024), (Server.BytesReceived, Server.BytesConsumed));
        Assert.Equal(new ControlFrameSent(FrameType.MaxData, -1, 2560), SentPacket.TryTake(Server, 100)!.Controls[0]);
    }

    [Theory] // RFC 9000 §4.5
    [InlineData(4, 1, true)]  // another end, further
    [InlineData(1, 1, true)]  // another end, nearer
    [InlineData(3, 1, false)] // data beyond the end
    public void A_final_size_does_not_change(ulong offset, int length, bool fin)
    {
        Server.HandleStream(ClientUni, 0, [1, 2, 3], fin: true);
        Assert.Equal(QuicErrorCode.FinalSizeError, Server.HandleStream(ClientUni, offset, new byte[length], fin));
        Assert.Equal(QuicErrorCode.FinalSizeError, Server.HandleResetStream(ClientUni, 0, 2));
    }

    [Fact] // RFC 9000 §4.5
    public void An_end_before_data_that_arrived_is_a_final_size_error()
    {
        Server.HandleStream(ClientUni, 0, [1, 2, 3], fin: false);
        Assert.Equal(QuicErrorCode.FinalSizeError, Server.HandleStream(ClientUni, 0, [1, 2], fin: true));
        Assert.Equal(QuicErrorCode.FinalSizeError, Server.HandleResetStream(ClientUni, 0, 2));
    }

    [Fact] // RFC 9000 §4.1: MUST NOT send beyond either limit
    public void A_sender_stops_at_both_limits_and_says_so_once()
    {
        Client.TryOpen(bidirectional: false, out var first);
        Client.TryOpen(bidirectional: false, out var second);
        Client.Write(first, new byte[3000], fin: true, out _);
        Client.Write(second, new byte[3000], fin: true, out _);
        List<SentPacket> packets = [];
        while (SentPacket.TryTake(Client, 1200) is { } packet) { packets.Add(packet); }

        Assert.False(Client.HasData);
        Assert.Equal(1024, packets.SelectMany(p => p.Streams).Where(s => s.Id == first).Sum(s => s.Length));
        Assert.Equal(512, packets.SelectMany(p => p.Streams).Where(s => s.Id == second).Sum(s => s.Length));
        Assert.Equal(
            [new(FrameType.StreamDataBlocked, first, 1024), new(FrameType.DataBlocked, -1, 1536)],
            packets.SelectMany(p => p.Controls));
    }

    [Fact] // RFC 9000 §4.1: a limit that is not higher is ignored
    public void Limits_never_fall()
    {
        Client.TryOpen(bidirectional: false, out var id);
        Client.HandleMaxData(1);
        Client.HandleMaxStreamData(id, 1);
        Client.Write(id, new byte[1000], fin: false, out _);
        Assert.Equal(1000, SentPacket.TryTake(Client, 1200)!.Streams[0].Length);
    }

    [Fact] // RFC 9000 §13.3: lost bytes were counted when first sent
    public void Lost_data_is_sent_again_without_credit()
    {
        Client.TryOpen(bidirectional: false, out var id);
        Client.HandleMaxStreamData(id, 9000);
        Client.Write(id, new byte[1536], fin: false, out _);
        var packet = SentPacket.TryTake(Client, 2000)!;
        Assert.Equal(0, Client.SendCredit);
        packet.Lose(Client);
        Assert.True(Client.HasData);
        Assert.Equal(packet.Streams, SentPacket.TryTake(Client, 2000)!.Streams);
    }

    [Fact]
    public void Credit_follows_when_half_the_window_was_read()
    {
        Server.HandleStream(ClientUni, 0, new byte[1024], fin: false);
        Server.Read(ClientUni, new byte[511], out _, out _);
        Assert.False(Server.HasControl);
        Server.Read(ClientUni, new byte[1], out _, out _);
        Assert.Equal([new(FrameType.MaxStreamData, ClientUni, 1536)], SentPacket.TryTake(Server, 100)!.Controls);
    }

    [Fact] // RFC 9000 §13.3: the newest value is repeated, an outdated one is not
    public void Lost_credit_is_sent_again_only_when_it_is_the_newest()
    {
        Server.HandleStream(ClientUni, 0, new byte[1024], fin: false);
        Server.Read(ClientUni, new byte[1024], out _, out _);
        var older = SentPacket.TryTake(Server, 100)!;
        Server.HandleStream(ClientUni, 1024, new byte[1024], fin: false);
        Server.Read(ClientUni, new byte[1024], out _, out _);
        var newer = SentPacket.TryTake(Server, 100)!;
        older.Lose(Server);
        Assert.False(Server.HasControl);
        newer.Lose(Server);
        Assert.Equal(newer.Controls.Select(c => c.Kind).Order(), SentPacket.TryTake(Server, 100)!.Controls.Select(c => c.Kind).Order());
    }

    [Fact]
    public void Windows_double_up_to_their_cap_while_the_reader_keeps_up()
    {
        const long rtt = 100;
        var windows = new List<long>();
        ulong offset = 0;
        for (var now = 0L; now < 5 * rtt; now += rtt)
        {
            windows.Add(ReadOneWindow(windows.LastOrDefault(1024), ref offset, now, rtt));
        }
        Assert.Equal([1024, 2048, 4096, 4096, 4096], windows);
    }

    [Fact]
    public void Windows_stay_while_the_reader_is_what_limits()
    {
        ulong offset = 0;
        for (var now = 0L; now < 10_000; now += 1000) { Assert.Equal(1024, ReadOneWindow(1024, ref offset, now, rtt: 100)); }
    }

    [Fact] // a peer that sends single bytes with gaps
    public void Tiny_fragments_are_capped_in_number_and_memory()
    {
        var server = new StreamSet(isClient: false, new() { MaxReceiveRanges = 100 }, _pair.ServerPool);
        var error = QuicErrorCode.NoError;
        var frames = 0;
        for (; error is QuicErrorCode.NoError; frames++)
        {
            error = server.HandleStream(ClientUni, (ulong)(2 * frames) + 1, [1], fin: false);
        }
        Assert.Equal(QuicErrorCode.InternalError, error);
        Assert.Equal(101, frames);
        Assert.Equal(1, _pair.ServerPool.RentedBlocks);
        server.Release();
        Assert.Equal(0, _pair.ServerPool.RentedBlocks);
    }

    private long ReadOneWindow(long window, ref ulong offset, long now, long rtt)
    {
        Assert.Equal(QuicErrorCode.NoError, Server.HandleStream(ClientUni, offset, new byte[window], fin: false));
        offset += (ulong)window;
        Server.Read(ClientUni, new byte[window], out _, out _);
        var limit = 0UL;
        while (SentPacket.TryTake(Server, 100, now, rtt) is { } packet)
        {
            limit = Math.Max(limit, packet.Controls.Where(c => c.Id == ClientUni).Select(c => c.Value).FirstOrDefault());
        }
        return (long)(limit - offset);
    }
}
