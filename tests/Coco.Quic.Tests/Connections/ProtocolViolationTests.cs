using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Paths;
using Coco.Quic.Tests.Simulation;

namespace Coco.Quic.Tests.Connections;

/// <summary>A peer with the right keys that sends what it must not: the connection closes with the code the RFC names.</summary>
public sealed class ProtocolViolationTests
{
    // Frames in hex, from a client to a server; stream 0 is the client's, 1 the server's, 3 the server's unidirectional.
    [Theory]
    [InlineData("", QuicErrorCode.ProtocolViolation, "RFC 9000 §12.4: a packet without frames")]
    [InlineData("21", QuicErrorCode.FrameEncodingError, "§12.4: unknown frame type")]
    [InlineData("4001", QuicErrorCode.ProtocolViolation, "§12.4: frame type not in its shortest encoding")]
    [InlineData("1e", QuicErrorCode.ProtocolViolation, "§19.20: HANDSHAKE_DONE from a client")]
    [InlineData("070161", QuicErrorCode.ProtocolViolation, "§19.7: NEW_TOKEN from a client")]
    [InlineData("0280ffffff000000", QuicErrorCode.ProtocolViolation, "§13.1: ACK of a packet that was not sent")]
    [InlineData("0200000001", QuicErrorCode.FrameEncodingError, "§19.3.1: ACK of a negative packet number")]
    [InlineData("0b0361", QuicErrorCode.FrameEncodingError, "§19.8: STREAM cut off")]
    [InlineData("0a030161", QuicErrorCode.StreamStateError, "§19.8: STREAM on a stream that only the server sends on")]
    [InlineData("0a010161", QuicErrorCode.StreamStateError, "§19.8: STREAM on a stream of the server's that is not open")]
    [InlineData("0a8000ffff00", QuicErrorCode.StreamStateError, "§19.8: as above, far beyond")]
    [InlineData("0a8000fffc00", QuicErrorCode.StreamLimitError, "§4.6: beyond MAX_STREAMS")]
    [InlineData("0e0080ffffff0161", QuicErrorCode.FlowControlError, "§4.1: beyond MAX_STREAM_DATA")]
    [InlineData("0ec000000000000000ffffffffffffffff0161", QuicErrorCode.FrameEncodingError, "§19.8: offset beyond 2^62-1")]
    [InlineData("0b00050000000000" + "0e00080161", QuicErrorCode.FinalSizeError, "§4.5: data beyond the final size")]
    [InlineData("0b00050000000000" + "04000004", QuicErrorCode.FinalSizeError, "§4.5: another final size")]
    [InlineData("04030000", QuicErrorCode.StreamStateError, "§19.4: RESET_STREAM of a stream that only the server sends on")]
    [InlineData("050200", QuicErrorCode.StreamStateError, "§19.5: STOP_SENDING of a stream that only the client sends on")]
    [InlineData("110201", QuicErrorCode.StreamStateError, "§19.10: MAX_STREAM_DATA of a stream that only the client sends on")]
    [InlineData("12d000000000000001", QuicErrorCode.FrameEncodingError, "§19.11: MAX_STREAMS above 2^60")]
    [InlineData("16d000000000000001", QuicErrorCode.FrameEncodingError, "§19.14: STREAMS_BLOCKED above 2^60")]
    [InlineData("1908", QuicErrorCode.ProtocolViolation, "§19.16: RETIRE_CONNECTION_ID of an ID that was not issued")]
    [InlineData("1900", QuicErrorCode.ProtocolViolation, "§19.16: RETIRE_CONNECTION_ID of the ID of the same packet")]
    [InlineData("18050000", QuicErrorCode.FrameEncodingError, "§19.15: NEW_CONNECTION_ID without an ID")]
    [InlineData("18050015" + "000102030405060708090a0b0c0d0e0f1011121314" + "000102030405060708090a0b0c0d0e0f", QuicErrorCode.FrameEncodingError, "§19.15: ID of 21 bytes")]
    [InlineData("18050608" + "0001020304050607" + "000102030405060708090a0b0c0d0e0f", QuicErrorCode.FrameEncodingError, "§19.15: Retire Prior To above the sequence number")]
    [InlineData("18040008" + "0001020304050607" + "000102030405060708090a0b0c0d0e0f", QuicErrorCode.ConnectionIdLimitError, "§5.1.1: a fifth active ID where four are allowed")]
    [InlineData("18010008" + "0001020304050607" + "000102030405060708090a0b0c0d0e0f", QuicErrorCode.ProtocolViolation, "§19.15: a sequence number again, with another ID")]
    [InlineData("40af004064" + "4064" + "00", QuicErrorCode.ProtocolViolation, "ACK_FREQUENCY below min_ack_delay")]
    [InlineData("06000118", (QuicErrorCode)0x10a, "RFC 9001 §6: a TLS KeyUpdate message")]
    public void A_frame_that_breaks_a_rule_closes_the_connection(string hex, QuicErrorCode code, string rule)
    {
        Assert.NotEmpty(rule);
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(TimeSpan.FromMilliseconds(200));
        var rogue = new Rogue(pair, isClient: true);
        rogue.Send(Convert.FromHexString(hex));
        rogue.AssertClosedWith((ulong)code);
    }

    [Theory]
    [InlineData("0700", QuicErrorCode.FrameEncodingError, "§19.7: NEW_TOKEN without a token")]
    [InlineData("0a020161", QuicErrorCode.StreamStateError, "§19.8: STREAM on a stream that only the client sends on")]
    public void A_servers_frame_that_breaks_a_rule_closes_the_connection(string hex, QuicErrorCode code, string rule)
    {
        Assert.NotEmpty(rule);
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(TimeSpan.FromMilliseconds(200));
        var rogue = new Rogue(pair, isClient: false);
        rogue.Send(Convert.FromHexString(hex));
        rogue.AssertClosedWith((ulong)code);
    }

    [Theory] // RFC 9000 §17.3.1: reserved bits of a packet that is authentic
    [InlineData(0x08)]
    [InlineData(0x10)]
    public void Reserved_bits_are_a_protocol_violation(byte bit)
    {
        using var pair = new SimulatedPair().Connect();
        var rogue = new Rogue(pair, isClient: true);
        rogue.Send([1], firstByte: bit);
        rogue.AssertClosedWith((ulong)QuicErrorCode.ProtocolViolation);
    }

    [Theory] // RFC 9000 §12.4, Table 3
    [InlineData("08006100", "STREAM")]
    [InlineData("1a0001020304050607", "PATH_CHALLENGE")]
    [InlineData("1d0000", "CONNECTION_CLOSE of an application")]
    [InlineData("1e", "HANDSHAKE_DONE")]
    [InlineData("3061", "DATAGRAM")]
    [InlineData("1004", "MAX_DATA")]
    public void A_frame_that_an_Initial_may_not_carry_is_a_protocol_violation(string hex, string frame)
    {
        Assert.NotEmpty(frame);
        using var pair = new SimulatedPair();
        // The client's keys are there at once; its first flight is let through, the server's answers are not.
        pair.Network.Filter = static (side, _, _) => side == 0;
        pair.Network.RunFor(TimeSpan.FromMilliseconds(15));
        var rogue = new Rogue(pair, isClient: true);
        rogue.Inject(rogue.Seal(EncryptionLevel.Initial, Convert.FromHexString(hex)));
        var closed = false;
        pair.Network.Filter = null;
        pair.Network.RunUntil(() => closed = pair.Client.CloseReason is not null, TimeSpan.FromSeconds(5));
        Assert.True(closed);
        Assert.Equal((CloseKind.PeerTransport, (ulong)QuicErrorCode.ProtocolViolation), (pair.Client.CloseReason!.Kind, pair.Client.CloseReason.Code));
    }

    [Fact] // RFC 9000 §21.4: an optimistic acknowledgement
    public void Acknowledging_a_skipped_packet_number_is_a_protocol_violation()
    {
        using var pair = new SimulatedPair().Connect();
        var rogue = new Rogue(pair, isClient: true);
        var skip = ConnectionInternals.Data(rogue.Victim).NextPacketNumber + 3;
        ConnectionInternals.NextSkip(rogue.Victim) = skip;
        pair.Transfer(pair.Server!, pair.Client, 20_000);
        rogue.AssertOpen();
        Span<byte> frame = new byte[64];
        var length = FrameWriter.WriteAck(frame, [new((ulong)skip, (ulong)skip)], 0, null);
        rogue.Send(frame[..length]);
        rogue.AssertClosedWith((ulong)QuicErrorCode.ProtocolViolation);
    }

    [Fact] // RFC 9221 §3
    public void A_datagram_that_was_not_offered_or_is_too_large_is_a_protocol_violation()
    {
        foreach (var limit in new[] { 0, 10 })
        {
            using var pair = new SimulatedPair(server: options => options with { Connection = new() { MaxDatagramFrameSize = limit } }).Connect();
            Assert.False(pair.Client.TrySendDatagram(new byte[10]));
            var rogue = new Rogue(pair, isClient: true);
            rogue.Send([0x30, .. new byte[limit == 0 ? 0 : 10]]);
            rogue.AssertClosedWith((ulong)QuicErrorCode.ProtocolViolation);
        }
    }

    [Fact] // RFC 9221 §4 with §5: nothing retransmits them, nothing may pile up
    public void A_flood_of_empty_datagrams_is_bounded()
    {
        using var pair = new SimulatedPair(server: options => options with { Connection = new() { DatagramReceiveBuffer = 6400 } }).Connect();
        var rogue = new Rogue(pair, isClient: true);
        Span<byte> frames = new byte[1000];
        for (var i = 0; i < frames.Length; i += 2) { frames[i] = 0x31; }
        rogue.Send(frames);
        rogue.AssertOpen();
        Assert.Equal(400, rogue.Victim.DatagramsDropped);
    }

    [Fact] // RFC 9000 §8.2.3, §19.18: MAY be an error; we ignore it, as answers may come late
    public void A_path_response_that_answers_nothing_is_ignored()
    {
        using var pair = new SimulatedPair().Connect();
        var rogue = new Rogue(pair, isClient: true);
        rogue.Send(Convert.FromHexString("1b0001020304050607"));
        rogue.AssertOpen();
    }

    [Fact] // RFC 9000 §5.1.2
    public void Retire_prior_to_moves_every_path_to_other_ids()
    {
        using var pair = new SimulatedPair(client: options => options with { Connection = new() { ActiveConnectionIdLimit = 5 } }).Connect();
        pair.Network.RunFor(TimeSpan.FromMilliseconds(200));
        var rogue = new Rogue(pair, isClient: true);
        // IDs 0 to 3 are active, as the server allows; the client wants all but the new one back.
        var id = ConnectionInternals.LocalIds(pair.Client).Issue(new SeededRandomSource(5), announced: true);
        pair.Network.Client.Register(id, pair.Client);
        rogue.Send([0x18, 4, 4, 8, .. id.Span, .. new byte[16]]);
        rogue.AssertOpen();
        Assert.Equal(4UL, ConnectionInternals.Active(rogue.Victim).RemoteConnectionId);
        Assert.False(ConnectionInternals.RemoteIds(rogue.Victim).HasRetirements); // they were announced at once
        Assert.All(Enumerable.Range(0, 4), sequence => Assert.False(ConnectionInternals.RemoteIds(rogue.Victim).TryGet((ulong)sequence, out _)));
        pair.Transfer(pair.Server!, pair.Client, 10_000);
    }

    [Fact] // RFC 9000 §19.15: frames may be sent again; §5.1.2: a retired ID is not used again
    public void An_id_that_is_announced_again_after_it_was_retired_stays_retired()
    {
        var ids = new RemoteConnectionIds(4);
        ids.SetInitial(new([1]));
        Assert.Equal(QuicErrorCode.NoError, ids.Add(1, 0, new([2]), default));
        Assert.True(ids.TryTakeSpare(out var spare));
        Assert.Equal(QuicErrorCode.NoError, ids.Retire(spare.Sequence));
        Assert.True(ids.TryTakeRetirement(out _));
        Assert.Equal(QuicErrorCode.NoError, ids.Add(1, 0, new([2]), default));
        Assert.False(ids.TryTakeSpare(out _));
        Assert.False(ids.HasRetirements);
        Assert.Equal(QuicErrorCode.NoError, ids.Add(3, 3, new([4]), default));
        Assert.Equal(QuicErrorCode.NoError, ids.Add(2, 0, new([3]), default)); // late: retired at once, and once only
        Assert.True(ids.TryTakeRetirement(out var retired));
        Assert.Equal(2UL, retired);
        Assert.Equal(QuicErrorCode.NoError, ids.Add(2, 0, new([3]), default));
        Assert.False(ids.HasRetirements);
    }

    [Fact] // RFC 9000 §5.1.2: SHOULD limit what a peer makes us retire
    public void Issuing_and_retiring_without_end_is_an_error()
    {
        var ids = new RemoteConnectionIds(4);
        ids.SetInitial(new([1]));
        var error = QuicErrorCode.NoError;
        for (var i = 1UL; i < 1000 && error == QuicErrorCode.NoError; i++)
        {
            error = ids.Add(i, i, new(BitConverter.GetBytes(i)), default);
            if (error == QuicErrorCode.NoError) { error = ids.RetireUnusedPrior(); }
        }
        Assert.Equal(QuicErrorCode.ConnectionIdLimitError, error);
    }

    [Fact] // RFC 9000 §9: before the handshake is confirmed nothing but the path of the handshake counts
    public void A_copy_of_a_packet_from_elsewhere_does_not_move_the_connection()
    {
        using var pair = new SimulatedPair().Connect();
        byte[]? copy = null;
        pair.Network.Filter = (side, _, datagram) => { if (side == 0) { copy ??= [.. datagram]; } return true; };
        pair.Client.Ping();
        pair.Network.RunFor(TimeSpan.FromSeconds(1));
        pair.Network.Inject(1, new PathId(9), copy!); // replayed: the packet number is known
        pair.Network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(new PathId(1), pair.Server!.ActivePath);
        Assert.Single(pair.Server.Paths);
    }
}
