using Coco.Quic.Packets;

namespace Coco.Quic.Frames;

/// <summary>
/// Writes frames at the start of a span and returns the bytes written (RFC 9000 §19). The caller has checked the room with
/// <see cref="FrameSize"/>.
/// </summary>
internal static partial class FrameWriter
{
    /// <summary>Fills all of <paramref name="destination"/> with PADDING.</summary>
    public static int WritePadding(Span<byte> destination)
    {
        destination.Clear();
        return destination.Length;
    }

    public static int WritePing(Span<byte> destination) => WriteType(destination, FrameType.Ping);

    public static int WriteHandshakeDone(Span<byte> destination) => WriteType(destination, FrameType.HandshakeDone);

    public static int WriteImmediateAck(Span<byte> destination) => WriteType(destination, FrameType.ImmediateAck);

    public static int WriteResetStream(Span<byte> destination, ulong streamId, ulong errorCode, ulong finalSize)
    {
        var writer = Begin(destination, FrameType.ResetStream);
        writer.WriteVarInt(streamId);
        writer.WriteVarInt(errorCode);
        writer.WriteVarInt(finalSize);
        return writer.Position;
    }

    public static int WriteStopSending(Span<byte> destination, ulong streamId, ulong errorCode)
    {
        var writer = Begin(destination, FrameType.StopSending);
        writer.WriteVarInt(streamId);
        writer.WriteVarInt(errorCode);
        return writer.Position;
    }

    public static int WriteNewToken(Span<byte> destination, ReadOnlySpan<byte> token)
    {
        var writer = Begin(destination, FrameType.NewToken);
        writer.WriteVarInt((ulong)token.Length);
        writer.WriteBytes(token);
        return writer.Position;
    }

    public static int WriteMaxData(Span<byte> destination, ulong maximum) =>
        WriteMaximum(destination, FrameType.MaxData, maximum);

    public static int WriteMaxStreamData(Span<byte> destination, ulong streamId, ulong maximum) =>
        WriteStreamMaximum(destination, FrameType.MaxStreamData, streamId, maximum);

    public static int WriteMaxStreams(Span<byte> destination, bool bidirectional, ulong maximum) =>
        WriteMaximum(destination, bidirectional ? FrameType.MaxStreamsBidi : FrameType.MaxStreamsUni, maximum);

    public static int WriteDataBlocked(Span<byte> destination, ulong maximum) =>
        WriteMaximum(destination, FrameType.DataBlocked, maximum);

    public static int WriteStreamDataBlocked(Span<byte> destination, ulong streamId, ulong maximum) =>
        WriteStreamMaximum(destination, FrameType.StreamDataBlocked, streamId, maximum);

    public static int WriteStreamsBlocked(Span<byte> destination, bool bidirectional, ulong maximum) =>
        WriteMaximum(destination, bidirectional ? FrameType.StreamsBlockedBidi : FrameType.StreamsBlockedUni, maximum);

    public static int WriteNewConnectionId(
        Span<byte> destination,
        ulong sequence,
        ulong retirePriorTo,
        in ConnectionId connectionId,
        in StatelessResetToken resetToken)
    {
        var writer = Begin(destination, FrameType.NewConnectionId);
        writer.WriteVarInt(sequence);
        writer.WriteVarInt(retirePriorTo);
        writer.WriteByte((byte)connectionId.Length);
        writer.WriteBytes(connectionId.Span);
        resetToken.CopyTo(writer.Reserve(StatelessResetToken.Length));
        return writer.Position;
    }

    public static int WriteRetireConnectionId(Span<byte> destination, ulong sequence) =>
        WriteMaximum(destination, FrameType.RetireConnectionId, sequence);

    public static int WritePathChallenge(Span<byte> destination, ulong data) =>
        WritePath(destination, FrameType.PathChallenge, data);

    public static int WritePathResponse(Span<byte> destination, ulong data) =>
        WritePath(destination, FrameType.PathResponse, data);

    public static int WriteConnectionClose(
        Span<byte> destination, ulong errorCode, FrameType offendingType, ReadOnlySpan<byte> reason)
    {
        var writer = Begin(destination, FrameType.ConnectionClose);
        writer.WriteVarInt(errorCode);
        writer.WriteVarInt((ulong)offendingType);
        writer.WriteVarInt((ulong)reason.Length);
        writer.WriteBytes(reason);
        return writer.Position;
    }

    public static int WriteApplicationClose(Span<byte> destination, ulong errorCode, ReadOnlySpan<byte> reason)
    {
        var writer = Begin(destination, FrameType.ApplicationClose);
        writer.WriteVarInt(errorCode);
        writer.WriteVarInt((ulong)reason.Length);
        writer.WriteBytes(reason);
        return writer.Position;
    }

    /// <summary>The delay is in microseconds (draft-ietf-quic-ack-frequency-14 §4).</summary>
    public static int WriteAckFrequency(
        Span<byte> destination, ulong sequence, ulong ackElicitingThreshold, ulong maxAckDelay, ulong reorderingThreshold)
    {
        var writer = Begin(destination, FrameType.AckFrequency);
        writer.WriteVarInt(sequence);
        writer.WriteVarInt(ackElicitingThreshold);
        writer.WriteVarInt(maxAckDelay);
        writer.WriteVarInt(reorderingThreshold);
        return writer.Position;
    }

    private static SpanWriter Begin(Span<byte> destination, FrameType type)
    {
        var writer = new SpanWriter(destination);
        writer.WriteVarInt((ulong)type);
        return writer;
    }

    private static int WriteType(Span<byte> destination, FrameType type) => Begin(destination, type).Position;

    private static int WriteMaximum(Span<byte> destination, FrameType type, ulong maximum)
    {
        var writer = Begin(destination, type);
        writer.WriteVarInt(maximum);
        return writer.Position;
    }

    private static int WriteStreamMaximum(Span<byte> destination, FrameType type, ulong streamId, ulong maximum)
    {
        var writer = Begin(destination, type);
        writer.WriteVarInt(streamId);
        writer.WriteVarInt(maximum);
        return writer.Position;
    }

    private static int WritePath(Span<byte> destination, FrameType type, ulong data)
    {
        var writer = Begin(destination, type);
        writer.WriteUInt64(data);
        return writer.Position;
    }
}
