namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Bytes that follow from their place in a stream: one that is lost, doubled or out of order does not fit.</summary>
internal static class StreamPattern
{
    private const int MarkerInterval = 256;

    /// <summary>Comes again and again, so that whoever reads plaintext finds it.</summary>
    public static ReadOnlySpan<byte> Marker => "PLAINTEXT MARKER"u8;

    public static void Fill(Span<byte> destination, long offset)
    {
        for (var i = 0; i < destination.Length; i++) { destination[i] = At(offset + i); }
    }

    /// <summary>The place of the first byte that does not fit, or -1.</summary>
    public static long FindFault(ReadOnlySpan<byte> data, long offset)
    {
        for (var i = 0; i < data.Length; i++)
        {
            if (data[i] != At(offset + i)) { return offset + i; }
        }
        return -1;
    }

    private static byte At(long offset) =>
        offset % MarkerInterval is var place && place < Marker.Length ? Marker[(int)place] : (byte)(((ulong)offset * 0x9E37_79B9_7F4A_7C15) >> 56);
}
