using Coco.Quic.Frames;
using Coco.Quic.Packets;

namespace Coco.Quic.Tests.Frames;

public sealed class FrameReaderTests
{
    [Theory]
    [InlineData("", QuicErrorCode.ProtocolViolation, FrameType.Padding)] // §12.4: no frames
    [InlineData("4001", QuicErrorCode.ProtocolViolation, FrameType.Ping)] // §12.4: type not in its shortest encoding
    [InlineData("20", QuicErrorCode.FrameEncodingError, (FrameType)0x20)] // §12.4: unknown type
    [InlineData("40", QuicErrorCode.FrameEncodingError, FrameType.Padding)] // cut off in the type
    [InlineData("0200000001", QuicErrorCode.FrameEncodingError, FrameType.Ack)] // §19.3.1: first range below zero
    [InlineData("0205000102" + "0200", QuicErrorCode.FrameEncodingError, FrameType.Ack)] // §19.3.1: gap below zero
    [InlineData("0205000100" + "0004", QuicErrorCode.FrameEncodingError, FrameType.Ack)] // §19.3.1: range below zero
    [InlineData("0205003f00", QuicErrorCode.FrameEncodingError, FrameType.Ack)] // more ranges than bytes
    [InlineData("03050000000102", QuicErrorCode.FrameEncodingError, FrameType.AckEcn)] // §19.3.2: ECN counts cut off
    [InlineData("06ffffffffffffffff0100", QuicErrorCode.FrameEncodingError, FrameType.Crypto)] // §19.6: beyond 2^62-1
    [InlineData("0700", QuicErrorCode.FrameEncodingError, FrameType.NewToken)] // §19.7: empty token
    [InlineData("0c00ffffffffffffffff00", QuicErrorCode.FrameEncodingError, FrameType.Stream)] // §19.8: beyond 2^62-1
    [InlineData("0a000500", QuicErrorCode.FrameEncodingError, FrameType.Stream)] // §19.8: data cut off
    [InlineData("0a00c0000000ffffffff00", QuicErrorCode.FrameEncodingError, FrameType.Stream)] // a length of 4 GB
    [InlineData("12d000000000000001", QuicErrorCode.FrameEncodingError, FrameType.MaxStreamsBidi)] // §19.11: over 2^60
    [InlineData("13d000000000000001", QuicErrorCode.FrameEncodingError, FrameType.MaxStreamsUni)] // §19.11
    [InlineData("16d000000000000001", QuicErrorCode.FrameEncodingError, FrameType.StreamsBlockedBidi)] // §19.14
    [InlineData("17d000000000000001", QuicErrorCode.FrameEncodingError, FrameType.StreamsBlockedUni)] // §19.14
    [InlineData("18010200" + Zeros16, QuicErrorCode.FrameEncodingError, FrameType.NewConnectionId)] // §19.15: empty ID
    [InlineData("18010215" + Zeros16 + Zeros16 + Zeros16, QuicErrorCode.FrameEncodingError, FrameType.NewConnectionId)] // 21 bytes
    [InlineData("18010201aa" + Zeros16, QuicErrorCode.FrameEncodingError, FrameType.NewConnectionId)] // retires 2, issues 1
    [InlineData("1a00000000000000", QuicErrorCode.FrameEncodingError, FrameType.PathChallenge)] // 7 bytes
    [InlineData("1c000005aabb", QuicErrorCode.FrameEncodingError, FrameType.ConnectionClose)] // reason cut off
    [InlineData("3105aabb", QuicErrorCode.FrameEncodingError, FrameType.DatagramWithLength)] // RFC 9221 §4
    [InlineData("40af0001", QuicErrorCode.FrameEncodingError, FrameType.AckFrequency)]
    internal void Malformed_payload_is_refused_with_the_error_of_the_rfc(string hex, QuicErrorCode error, FrameType type)
    {
        var reader = new FrameReader(Convert.FromHexString(hex), EncryptionLevel.OneRtt, isFromServer: true);
        while (reader.TryRead(out _)) { }

        Assert.Equal((error, type), (reader.Error, reader.ErrorFrameType));
        Assert.NotEmpty(reader.ErrorReason);
        Assert.False(reader.TryRead(out _));
    }

    [Theory] // §19.11: 2^60 itself is allowed
    [InlineData("12d000000000000000", 1UL << 60)]
    [InlineData("10ffffffffffffffff", VarInt.Max)]
    internal void Largest_maximum_is_accepted(string hex, ulong maximum)
    {
        var reader = new FrameReader(Convert.FromHexString(hex), EncryptionLevel.OneRtt, isFromServer: true);
        Assert.True(reader.TryRead(out var frame));
        Assert.Equal(maximum, frame.Maximum);
    }

    [Theory] // §19.7 and §19.20
    [InlineData("0701aa")]
    [InlineData("1e")]
    public void Frames_only_servers_send_are_a_violation_from_a_client(string hex)
    {
        var payload = Convert.FromHexString(hex);
        var fromServer = new FrameReader(payload, EncryptionLevel.OneRtt, isFromServer: true);
        var fromClient = new FrameReader(payload, EncryptionLevel.OneRtt, isFromServer: false);

        Assert.True(fromServer.TryRead(out _));
        Assert.False(fromClient.TryRead(out _));
        Assert.Equal(QuicErrorCode.ProtocolViolation, fromClient.Error);
    }

    [Fact]
    public void Padding_is_read_as_one_frame()
    {
        byte[] payload = [.. new byte[1000], 1, .. new byte[5]];
        var reader = new FrameReader(payload, EncryptionLevel.Initial, isFromServer: false);

        Assert.True(reader.TryRead(out var padding) && padding.Type == FrameType.Padding && padding.Data.Length == 999);
        Assert.True(reader.TryRead(out var ping) && ping.Type == FrameType.Ping);
        Assert.True(reader.TryRead(out padding) && padding.Data.Length == 4);
        Assert.False(reader.TryRead(out _));
        Assert.Equal((QuicErrorCode.NoError, payload.Length), (reader.Error, reader.Position));
    }

    [Fact] // §12.4, Table 3: which frames may be in Initial, 0-RTT, Handshake and 1-RTT packets, in the order of the enumeration
    public void Table_3_is_kept()
    {
        const string Table =
            "Padding IZH1,Ping IZH1,Ack I-H1,AckEcn I-H1,ResetStream -Z-1,StopSending -Z-1,Crypto I-H1,NewToken ---1,Stream -Z-1," +
            "MaxData -Z-1,MaxStreamData -Z-1,MaxStreamsBidi -Z-1,MaxStreamsUni -Z-1,DataBlocked -Z-1,StreamDataBlocked -Z-1," +
            "StreamsBlockedBidi -Z-1,StreamsBlockedUni -Z-1,NewConnectionId -Z-1,RetireConnectionId ---1,PathChallenge -Z-1," +
            "PathResponse ---1,ConnectionClose IZH1,ApplicationClose -Z-1,HandshakeDone ---1,ImmediateAck ---1,Datagram -Z-1," +
            "DatagramWithLength -Z-1,AckFrequency ---1";
        var actual = Enum.GetValues<FrameType>().Select(type => $"{type} " + string.Concat(
            Enum.GetValues<EncryptionLevel>().Select(level => type.IsAllowedIn(level) ? "IZH1"[(int)level] : '-')));

        Assert.Equal(Table, string.Join(',', actual));
    }

    [Fact]
    public void Frame_in_a_packet_that_does_not_permit_it_is_a_violation()
    {
        var reader = new FrameReader([0x0a, 0x00, 0x01, 0xff], EncryptionLevel.Handshake, isFromServer: true);
        Assert.False(reader.TryRead(out _));
        Assert.Equal((QuicErrorCode.ProtocolViolation, FrameType.Stream), (reader.Error, reader.ErrorFrameType));
    }

    [Fact] // RFC 9002 §2, RFC 9000 §9.1
    public void Ack_eliciting_and_probing_frames_are_those_of_the_rfcs()
    {
        var types = Enum.GetValues<FrameType>();
        Assert.Equal(
            [FrameType.Padding, FrameType.Ack, FrameType.AckEcn, FrameType.ConnectionClose, FrameType.ApplicationClose],
            types.Where(type => !type.IsAckEliciting()));
        Assert.Equal(
            [FrameType.Padding, FrameType.NewConnectionId, FrameType.PathChallenge, FrameType.PathResponse],
            types.Where(type => type.IsProbing()));
    }

    private const string Zeros16 = "00000000000000000000000000000000";
}
