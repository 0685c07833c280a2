using Coco.Quic.Paths;

namespace Coco.Quic.Tests.Simulation;

/// <summary>What a simulated link does to datagrams; probabilities from 0 to 1.</summary>
internal sealed record LinkOptions
{
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(10);

    public double Loss { get; init; }

    public double Reorder { get; init; }

    public double Duplicate { get; init; }

    public double Corrupt { get; init; }

    /// <summary>Zero for no limit.</summary>
    public long BytesPerSecond { get; init; }

    public TimeSpan MaxQueue { get; init; } = TimeSpan.FromMilliseconds(50);

    public int Mtu { get; init; } = 1500;

    public int MaxDatagramSize { get; init; } = 1472;

    public PathKind Kind { get; init; } = PathKind.Datagram;

    /// <summary>The number of the byte stream below a path, by the path's number; none by default.</summary>
    public Func<int, int> Underlay { get; init; } = static _ => 0;
}
