namespace Coco.Quic.Frames;

/// <summary>Frame types (RFC 9000 §19; RFC 9221 §4; draft-ietf-quic-ack-frequency-14 §4 and §5).</summary>
internal enum FrameType : ulong
{
    Padding = 0x00,
    Ping = 0x01,
    Ack = 0x02,
    AckEcn = 0x03,
    ResetStream = 0x04,
    StopSending = 0x05,
    Crypto = 0x06,
    NewToken = 0x07,

    /// <summary>The first of eight; the low bits are <see cref="StreamBits"/>. A parsed frame carries just this value.</summary>
    Stream = 0x08,
    MaxData = 0x10,
    MaxStreamData = 0x11,
    MaxStreamsBidi = 0x12,
    MaxStreamsUni = 0x13,
    DataBlocked = 0x14,
    StreamDataBlocked = 0x15,
    StreamsBlockedBidi = 0x16,
    StreamsBlockedUni = 0x17,
    NewConnectionId = 0x18,
    RetireConnectionId = 0x19,
    PathChallenge = 0x1a,
    PathResponse = 0x1b,
    ConnectionClose = 0x1c,
    ApplicationClose = 0x1d,
    HandshakeDone = 0x1e,
    ImmediateAck = 0x1f,
    Datagram = 0x30,
    DatagramWithLength = 0x31,
    AckFrequency = 0xaf,
}
