using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

public sealed class StreamStateTests
{
    private const long ClientBidi = 0;
    private const long ServerBidi = 1;
    private const long ClientUni = 2;
    private const long ServerUni = 3;

    private readonly StreamPair _pair = new();
    private readonly StreamPool _pool = new();

    private StreamSet Client => _pair.Client;

    private StreamSet Server => _pair.Server;

    [Fact] // RFC 9000 §3.1
    public void A_sending_part_goes_from_Ready_over_Send_and_DataSent_to_DataRecvd()
    {
        var stream = new SendStream();
        Assert.Equal(SendState.Ready, stream.State);
        stream.Buffer.Write([1, 2], _pool);
        stream.OnSent(0, 2, fin: false);
        Assert.Equal(SendState.Send, stream.State);
        stream.Finish();
        stream.OnSent(2, 0, fin: true);
        Assert.Equal(SendState.DataSent, stream.State);
        stream.OnAcked(new(0, 2, 0, true), _pool);
        Assert.Equal(SendState.DataSent, stream.State);
        stream.OnAcked(new(0, 0, 2, false), _pool);
        Assert.Equal(SendState.DataRecvd, stream.State);
    }

    [Fact] // RFC 9000 §3.1
    public void A_reset_sending_part_waits_for_the_acknowledgement_of_the_reset()
    {
        var stream = new SendStream();
        Assert.True(stream.Reset(5, stoppedByPeer: false, _pool));
        Assert.Equal(SendState.ResetSent, stream.State);
        stream.OnResetAcked();
        Assert.Equal(SendState.ResetRecvd, stream.State);
        Assert.False(stream.Reset(6, stoppedByPeer: false, _pool));
        Assert.Equal(5UL, stream.ErrorCode);
    }

    [Fact] // RFC 9000 §3.2
    public void A_receiving_part_goes_from_Recv_over_SizeKnown_and_DataRecvd_to_DataRead()
    {
        var stream = new ReceiveStream();
        stream.Start(100, 100);
        stream.HandleStream(1, [2], fin: true, _pool);
        Assert.Equal(ReceiveState.SizeKnown, stream.State);
        stream.HandleStream(0, [1], fin: false, _pool);
        Assert.Equal(ReceiveState.DataRecvd, stream.State);
        stream.Buffer.Advance(2, _pool);
        Assert.True(stream.IsEndReadable);
        stream.OnEndRead();
        Assert.Equal(ReceiveState.DataRead, stream.State);
    }

    [Fact] // RFC 9000 §3.2
    public void A_reset_drops_what_was_not_read_and_is_told_once()
    {
        Server.HandleStream(ClientUni, 0, [1, 2, 3], fin: false);
        Server.HandleResetStream(ClientUni, 7, 3);
        Server.HandleResetStream(ClientUni, 7, 3);
        Assert.Equal([StreamEventKind.Opened, StreamEventKind.Reset, StreamEventKind.Closed], StreamPair.TakeEvents(Server).Select(e => e.Kind));
        Assert.Equal(0, _pair.ServerPool.RentedBlocks);
    }

    [Fact] // RFC 9000 §3.2: either is allowed; we deliver
    public void A_reset_after_all_data_arrived_does_not_take_it_away()
    {
        Server.HandleStream(ClientUni, 0, [1, 2, 3], fin: true);
        Assert.Equal(QuicErrorCode.NoError, Server.HandleResetStream(ClientUni, 7, 3));
        Assert.Equal(StreamReadStatus.Ok, Server.Read(ClientUni, new byte[9], out var read, out var fin).Status);
        Assert.Equal((3, true), (read, fin));
    }

    [Fact] // RFC 9000 §3.5: MUST send RESET_STREAM when in Ready or Send; SHOULD copy the code
    public void STOP_SENDING_is_answered_with_a_reset_of_the_same_code()
    {
        Client.TryOpen(bidirectional: true, out var id);
        Client.Write(id, [1, 2, 3], fin: false, out _);
        _pair.Exchange();
        Server.StopSending(id, 77);
        _pair.Exchange();
        Assert.Contains(new StreamEvent(StreamEventKind.Stopped, id, 77), StreamPair.TakeEvents(Client));
        Assert.Equal(new(StreamWriteStatus.Stopped, 77), Client.Write(id, [4], fin: false, out _));
        Assert.Equal(StreamReadStatus.Closed, Server.Read(id, new byte[9], out _, out _).Status);
    }

    [Fact] // RFC 9000 §19.4, §19.8, §19.13: frames a peer cannot send on a stream only we send on
    public void Data_on_a_send_only_stream_is_a_state_error()
    {
        Client.TryOpen(bidirectional: false, out _);
        Assert.Equal(QuicErrorCode.StreamStateError, Client.HandleStream(ClientUni, 0, [1], fin: false));
        Assert.Equal(QuicErrorCode.StreamStateError, Client.HandleResetStream(ClientUni, 0, 0));
        Assert.Equal(QuicErrorCode.StreamStateError, Client.HandleStreamDataBlocked(ClientUni, 0));
    }

    [Fact] // RFC 9000 §19.5, §19.10
    public void Requests_about_a_receive_only_stream_are_a_state_error()
    {
        Assert.Equal(QuicErrorCode.StreamStateError, Client.HandleStopSending(ServerUni, 0));
        Assert.Equal(QuicErrorCode.StreamStateError, Client.HandleMaxStreamData(ServerUni, 9));
    }

    [Fact] // RFC 9000 §19.5, §19.8, §19.10
    public void Frames_for_a_local_stream_not_yet_opened_are_a_state_error()
    {
        Assert.Equal(QuicErrorCode.StreamStateError, Client.HandleStream(ClientBidi, 0, [1], fin: false));
        Assert.Equal(QuicErrorCode.StreamStateError, Client.HandleStopSending(ClientBidi, 0));
        Assert.Equal(QuicErrorCode.StreamStateError, Client.HandleMaxStreamData(ClientBidi, 9));
        Assert.Equal(QuicErrorCode.StreamStateError, Client.HandleStopSending(ClientUni, 0));
        Assert.Equal(QuicErrorCode.StreamStateError, Client.HandleResetStream(ClientBidi, 0, 0));
    }

    [Theory] // RFC 9000 §3.2: MAX_STREAM_DATA and STOP_SENDING open a bidirectional stream too
    [InlineData(true)]
    [InlineData(false)]
    public void Frames_about_our_sending_part_open_the_peers_stream(bool stop)
    {
        Assert.Equal(QuicErrorCode.NoError, stop ? Client.HandleStopSending(ServerBidi, 0) : Client.HandleMaxStreamData(ServerBidi, 9));
        Assert.True(Client.TryAccept(out var id));
        Assert.Equal(ServerBidi, id);
    }

    [Fact] // RFC 9000 §3.2, §2.1
    public void A_stream_opens_all_lower_numbered_ones_of_its_type_and_they_are_accepted_in_order()
    {
        Server.HandleStream(ClientUni + 8, 0, [1], fin: false);
        List<long> accepted = [];
        while (Server.TryAccept(out var id)) { accepted.Add(id); }
        Assert.Equal([ClientUni, ClientUni + 4, ClientUni + 8], accepted);
        Assert.DoesNotContain(StreamPair.TakeEvents(Server), e => e.Kind is StreamEventKind.Opened);
    }

    [Fact] // RFC 9000 §3.3: packets are reordered, so late frames for ended streams are no error
    public void Frames_for_a_forgotten_stream_are_ignored()
    {
        Client.TryOpen(bidirectional: false, out var id);
        Client.Write(id, [1], fin: true, out _);
        _pair.Exchange();
        Server.Read(id, new byte[9], out _, out _);
        StreamPair.TakeEvents(Server);
        StreamPair.TakeEvents(Client);
        Assert.Equal((0, 0), (Client.Count, Server.Count));
        Assert.Equal(QuicErrorCode.NoError, Server.HandleStream(id, 0, [1], fin: true));
        Assert.Equal(QuicErrorCode.NoError, Server.HandleResetStream(id, 0, 1));
        Assert.Equal(QuicErrorCode.NoError, Client.HandleMaxStreamData(id, 99));
        Assert.Equal(QuicErrorCode.NoError, Client.HandleStopSending(id, 99));
        Assert.False(Client.HasControl);
        Assert.False(Server.HasEvents);
    }

    [Fact] // RFC 9000 §2.2: data at an offset does not change, and may come twice
    public void Data_that_comes_twice_is_delivered_once()
    {
        Server.HandleStream(ClientUni, 2, [3, 4], fin: false);
        Server.HandleStream(ClientUni, 1, [2, 3], fin: false);
        Server.HandleStream(ClientUni, 0, [1, 2, 3], fin: false);
        Server.HandleStream(ClientUni, 0, [1, 2, 3, 4, 5], fin: true);
        var data = new byte[9];
        Server.Read(ClientUni, data, out var read, out var fin);
        Assert.True(fin);
        Assert.Equal([1, 2, 3, 4, 5], data[..read]);
    }

    [Fact] // RFC 9000 §19.8: neither offset nor length may pass 2^62-1
    public void A_frame_beyond_the_largest_offset_is_an_encoding_error() =>
        Assert.Equal(QuicErrorCode.FrameEncodingError, Server.HandleStream(ClientUni, (1UL << 62) - 1, [1], fin: false));

    [Fact] // RFC 9000 §13.3: STOP_SENDING and RESET_STREAM are repeated until acknowledged
    public void Lost_resets_and_stops_are_sent_again()
    {
        Client.TryOpen(bidirectional: true, out var id);
        Client.Reset(id, 5);
        Client.StopSending(id, 6);
        var lost = SentPacket.TryTake(Client, 1200)!;
        Assert.False(Client.HasControl);
        lost.Lose(Client);
        Assert.Equal(lost.Controls, SentPacket.TryTake(Client, 1200)!.Controls);
    }
}
