namespace Coco.Cluster.Tests.Mesh;

/// <summary>A connection between two simulated nodes.</summary>
internal sealed class SimulatedLink(int one, int other, TimeSpan delay)
{
    public int One { get; } = one;

    public int Other { get; } = other;

    public TimeSpan Delay { get; } = delay;

    /// <summary>Nothing comes through any more; the ends may not know yet.</summary>
    public bool Cut { get; set; }

    /// <summary>When the last message arrives in each direction: streams keep order.</summary>
    public TimeSpan[] LastArrival { get; } = new TimeSpan[2];
}
