using Coco.Benchmarks.Throughput;

namespace Coco.Benchmarks.Transport;

/// <summary>Bytes that one idle connection takes at one end: of resident memory, and of the managed heap.</summary>
internal sealed record IdleBytes(double Resident, double Managed)
{
    /// <summary>The difference of two lines "heap=… rss=…" that so many connections make.</summary>
    public static IdleBytes Between(string before, string after, int count)
    {
        return new(Difference("rss"), Difference("heap"));

        double Difference(string name) => (ThroughputResult.Figure(after, name) - ThroughputResult.Figure(before, name)) / count;
    }
}
