namespace Coco.Quic.Tests.Fuzzing;

/// <summary>Bytes a parser allocates for one input.</summary>
internal static class Allocation
{
    /// <summary>
    /// The lesser of two runs, each on a copy of its own: what the runtime allocates once, on the first call of something, is not
    /// the parser's, and what the parser allocates comes again.
    /// </summary>
    public static long Of(byte[] input, Action<byte[]> parse)
    {
        var first = Measure((byte[])input.Clone(), parse);
        return first == 0 ? 0 : Math.Min(first, Measure((byte[])input.Clone(), parse));
    }

    private static long Measure(byte[] input, Action<byte[]> parse)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        parse(input);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
