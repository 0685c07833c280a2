using Coco.Quic.Packets;

namespace Coco.Quic.Frames;

/// <summary>Bytes each frame takes when <see cref="FrameWriter"/> writes it.</summary>
internal static class FrameSize
{
    /// <summary>PING, HANDSHAKE_DONE and IMMEDIATE_ACK.</summary>
    public const int TypeOnly = 1;
    public const int Path = 1 + sizeof(ulong);

    public static int ResetStream(ulong streamId, ulong errorCode, ulong finalSize) =>
        1 + VarInt.Length(streamId) + VarInt.Length(errorCode) + VarInt.Length(finalSize);

    public static int StopSending(ulong streamId, ulong errorCode) => 1 + VarInt.Length(streamId) + VarInt.Length(errorCode);

    public static int NewToken(int length) => 1 + VarInt.Length((ulong)length) + length;

    /// <summary>MAX_DATA, MAX_STREAMS, DATA_BLOCKED and STREAMS_BLOCKED.</summary>
    public static int Maximum(ulong maximum) => 1 + VarInt.Length(maximum);

    /// <summary>MAX_STREAM_DATA and STREAM_DATA_BLOCKED.</summary>
    public static int StreamMaximum(ulong streamId, ulong maximum) => 1 + VarInt.Length(streamId) + VarInt.Length(maximum);

    public static int NewConnectionId(ulong sequence, ulong retirePriorTo, in ConnectionId connectionId) =>
        1 + VarInt.Length(sequence) + VarInt.Length(retirePriorTo) + 1 + connectionId.Length + StatelessResetToken.Length;

    public static int RetireConnectionId(ulong sequence) => 1 + VarInt.Length(sequence);

    public static int ConnectionClose(ulong errorCode, FrameType offendingType, int reasonLength) =>
        1 + VarInt.Length(errorCode) + VarInt.Length((ulong)offendingType) + VarInt.Length((ulong)reasonLength) + reasonLength;

    public static int ApplicationClose(ulong errorCode, int reasonLength) =>
        1 + VarInt.Length(errorCode) + VarInt.Length((ulong)reasonLength) + reasonLength;

    /// <summary>A DATAGRAM with a Length field.</summary>
    public static int Datagram(int length) => 1 + VarInt.Length((ulong)length) + length;

    /// <summary>A STREAM frame with a Length field.</summary>
    public static int Stream(ulong streamId, ulong offset, int length) =>
        1 + VarInt.Length(streamId) + (offset == 0 ? 0 : VarInt.Length(offset)) + VarInt.Length((ulong)length) + length;

    public static int Crypto(ulong offset, int length) => 1 + VarInt.Length(offset) + VarInt.Length((ulong)length) + length;

    public static int AckFrequency(ulong sequence, ulong ackElicitingThreshold, ulong maxAckDelay, ulong reorderingThreshold) =>
        2 + VarInt.Length(sequence) + VarInt.Length(ackElicitingThreshold) + VarInt.Length(maxAckDelay)
        + VarInt.Length(reorderingThreshold);
}
