using System.Diagnostics;

namespace Coco.Quic.Packets;

/// <summary>Truncation and recovery of packet numbers (RFC 9000 §17.1, Appendix A.2 and A.3).</summary>
internal static class PacketNumber
{
    public const ulong Max = VarInt.Max;
    public const int MaxEncodedLength = 4;

    /// <summary>Stands for "no packet yet" where a largest packet number is asked for.</summary>
    public const long None = -1;

    /// <summary>
    /// Bytes to send of <paramref name="full"/>, when <paramref name="largestAcked"/> is the largest the peer has acknowledged,
    /// or None.
    /// </summary>
    public static int EncodedLength(ulong full, long largestAcked)
    {
        Debug.Assert(full <= Max && (largestAcked < 0 || (ulong)largestAcked < full), "an unsent packet was acknowledged");
        var unacknowledged = full - (ulong)largestAcked; // None is -1, which makes this full + 1, as Appendix A.2 has it

        // §17.1: the size MUST represent more than twice the range of unacknowledged packets.
        return unacknowledged switch
        {
            < 1UL << 7 => 1,
            < 1UL << 15 => 2,
            < 1UL << 23 => 3,
            _ => 4,
        };
    }

    public static void Write(Span<byte> destination, ulong full, int length)
    {
        for (var i = length - 1; i >= 0; i--)
        {
            destination[i] = (byte)full;
            full >>= 8;
        }
    }

    public static ulong ReadTruncated(ReadOnlySpan<byte> source, int length)
    {
        ulong truncated = 0;
        for (var i = 0; i < length; i++) { truncated = (truncated << 8) | source[i]; }
        return truncated;
    }

    /// <summary>The packet number closest to the one expected after <paramref name="largest"/> that ends in these bits.</summary>
    public static ulong Decode(long largest, ulong truncated, int bits)
    {
        var expected = (ulong)(largest + 1);
        var window = 1UL << bits;
        var half = window / 2;
        var candidate = (expected & ~(window - 1)) | truncated;

        if (candidate + half <= expected && candidate < (1UL << 62) - window) { return candidate + window; }
        if (candidate > expected + half && candidate >= window) { return candidate - window; }
        return candidate;
    }
}
