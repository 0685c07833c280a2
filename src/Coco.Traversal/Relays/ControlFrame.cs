using Coco.Quic.Packets;

namespace Coco.Traversal.Relays;

/// <summary>How messages follow each other on a control stream: <c>type v ‖ length v ‖ body</c>, v as in RFC 9000 §16.</summary>
internal static class ControlFrame
{
    public const int MaxBody = 16_384;

    /// <summary>Bytes in front of a body at most.</summary>
    public const int MaxHeader = 2 * VarInt.MaxLength;

    /// <summary>Looks for a whole frame at the start of <paramref name="received"/>.</summary>
    /// <param name="received">What the stream brought so far.</param>
    /// <param name="type">The frame's type.</param>
    /// <param name="body">Its body.</param>
    /// <param name="length">Bytes of the whole frame; 0 when more have to come.</param>
    /// <returns>False when the frame's body is longer than allowed: the stream is of no use any more.</returns>
    public static bool TryRead(ReadOnlySpan<byte> received, out ulong type, out ReadOnlySpan<byte> body, out int length)
    {
        body = default;
        length = 0;
        var reader = new SpanReader(received);
        if (!reader.TryReadVarInt(out type) || !reader.TryReadVarInt(out var bodyLength)) { return true; }
        if (bodyLength > MaxBody) { return false; }
        if (reader.TryReadBytes(bodyLength, out body)) { length = reader.Position; }
        return true;
    }

    /// <summary>Writes what stands in front of a body and returns how many bytes that are.</summary>
    public static int WriteHeader(Span<byte> destination, ulong type, int bodyLength)
    {
        var length = VarInt.Write(destination, type);
        return length + VarInt.Write(destination[length..], (ulong)bodyLength);
    }
}
