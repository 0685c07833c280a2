namespace Coco.Quic.Packets;

/// <summary>Writes headers before their protection is applied; the layouts stand in <see cref="PacketHeader"/>.</summary>
internal static class HeaderWriter
{
    /// <summary>Bytes of the Length field: two hold 16383, more than any packet of ours.</summary>
    public const int LengthFieldLength = 2;

    /// <summary>Bytes before the packet number of an Initial, 0-RTT or Handshake packet; the token is an Initial's.</summary>
    public static int LongLength(PacketType type, in ConnectionId destination, in ConnectionId source, int tokenLength) =>
        1 + 4 + 1 + destination.Length + 1 + source.Length
        + (type == PacketType.Initial ? VarInt.Length((ulong)tokenLength) + tokenLength : 0)
        + LengthFieldLength;

    /// <summary>
    /// Writes all before the packet number and returns its offset. The Length field is left for <see cref="WriteLength"/>,
    /// once the payload is known.
    /// </summary>
    public static int WriteLong(
        Span<byte> packet,
        PacketType type,
        in ConnectionId destination,
        in ConnectionId source,
        ReadOnlySpan<byte> token,
        int packetNumberLength)
    {
        var writer = new SpanWriter(packet);
        writer.WriteByte((byte)(0xC0 | ((byte)type << 4) | (packetNumberLength - 1)));
        WriteVersionAndConnectionIds(ref writer, QuicVersion.V1, destination.Span, source.Span);
        if (type == PacketType.Initial)
        {
            writer.WriteVarInt((ulong)token.Length);
            writer.WriteBytes(token);
        }
        writer.Reserve(LengthFieldLength);
        return writer.Position;
    }

    /// <summary>Fills in the Length field: packet number, payload and tag (§17.2).</summary>
    public static void WriteLength(Span<byte> packet, int packetNumberOffset, int length) =>
        VarInt.WriteWithLength(packet[(packetNumberOffset - LengthFieldLength)..], (ulong)length, LengthFieldLength);

    /// <summary>Writes a 1-RTT header up to the packet number and returns its offset (§17.3.1).</summary>
    public static int WriteShort(
        Span<byte> packet, in ConnectionId destination, bool spin, bool keyPhase, int packetNumberLength)
    {
        packet[0] = (byte)(0x40 | (spin ? 0x20 : 0) | (keyPhase ? 0x04 : 0) | (packetNumberLength - 1));
        destination.CopyTo(packet[1..]);
        return 1 + destination.Length;
    }

    internal static void WriteVersionAndConnectionIds(
        ref SpanWriter writer, uint version, scoped ReadOnlySpan<byte> destination, scoped ReadOnlySpan<byte> source)
    {
        writer.WriteUInt32(version);
        writer.WriteByte((byte)destination.Length);
        writer.WriteBytes(destination);
        writer.WriteByte((byte)source.Length);
        writer.WriteBytes(source);
    }
}
