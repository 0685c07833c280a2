using System.Diagnostics;
using Coco.Quic.Packets;

namespace Coco.Quic.Frames;

/// <summary>
/// Frames that carry data: their headers are sized to the room there is, and the caller copies the data in behind.
/// </summary>
internal static partial class FrameWriter
{
    /// <summary>
    /// Writes the header of a STREAM frame for as much of <paramref name="available"/> as fits.
    /// <paramref name="destination"/> must be all the room left for frames in the packet: when the data fills it to the end, the
    /// Length field is left out (RFC 9000 §19.8). FIN is set only if all available bytes fit. False: no useful frame fits.
    /// </summary>
    public static bool TryWriteStreamHeader(
        Span<byte> destination, ulong streamId, ulong offset, int available, bool fin, out int headerLength, out int dataLength)
    {
        Debug.Assert(available > 0 || fin, "a STREAM frame without data and FIN says nothing");
        Debug.Assert(offset + (ulong)available <= VarInt.Max, "beyond the largest stream offset");
        headerLength = 1 + VarInt.Length(streamId) + (offset == 0 ? 0 : VarInt.Length(offset));
        var hasLength = available < destination.Length - headerLength;
        dataLength = FitData(destination.Length, ref headerLength, available, hasLength);
        if (dataLength < Math.Min(available, 1)) { return false; }

        var type = (byte)FrameType.Stream;
        if (offset != 0) { type |= StreamBits.Offset; }
        if (hasLength) { type |= StreamBits.Length; }
        if (fin && dataLength == available) { type |= StreamBits.Fin; }

        var writer = new SpanWriter(destination);
        writer.WriteByte(type);
        writer.WriteVarInt(streamId);
        if (offset != 0) { writer.WriteVarInt(offset); }
        if (hasLength) { writer.WriteVarInt((ulong)dataLength); }
        Debug.Assert(writer.Position == headerLength, "the header is as long as computed");
        return true;
    }

    /// <summary>
    /// Writes the header of a CRYPTO frame for as much of <paramref name="available"/> as fits; it always has a length.
    /// </summary>
    public static bool TryWriteCryptoHeader(
        Span<byte> destination, ulong offset, int available, out int headerLength, out int dataLength)
    {
        headerLength = 1 + VarInt.Length(offset);
        dataLength = FitData(destination.Length, ref headerLength, available, hasLength: true);
        if (dataLength < 1) { return false; }

        var writer = Begin(destination, FrameType.Crypto);
        writer.WriteVarInt(offset);
        writer.WriteVarInt((ulong)dataLength);
        return true;
    }

    /// <summary>
    /// Writes a whole DATAGRAM (RFC 9221 §4), which is never split; false when it does not fit. The Length field is left out when
    /// the data ends exactly where <paramref name="destination"/>, all the room left in the packet, does.
    /// </summary>
    public static bool TryWriteDatagram(Span<byte> destination, ReadOnlySpan<byte> data, out int length)
    {
        length = 0;
        var hasLength = destination.Length != 1 + data.Length;
        if (hasLength && destination.Length < FrameSize.Datagram(data.Length)) { return false; }

        var writer = Begin(destination, hasLength ? FrameType.DatagramWithLength : FrameType.Datagram);
        if (hasLength) { writer.WriteVarInt((ulong)data.Length); }
        writer.WriteBytes(data);
        length = writer.Position;
        return true;
    }

    // Adds the Length field to the header and returns the data that fits behind it, negative when not even the header does.
    private static int FitData(int room, ref int headerLength, int available, bool hasLength)
    {
        if (!hasLength) { return room - headerLength; }

        // Data just over the edge of a longer Length field is cut back to the shorter one; a byte of room then stays free.
        var most = Math.Min(available, room - headerLength - 1);
        if (most < 0) { return -1; }
        most = Math.Min(most, room - headerLength - VarInt.Length((ulong)most));
        headerLength += VarInt.Length((ulong)Math.Max(most, 0));
        return most;
    }
}
