using Coco.Crypto;

namespace Coco.Media;

/// <summary>How a subscription fares.</summary>
public sealed record SubscriptionStatistics
{
    /// <summary>Who sends the stream now: its producer, or one that passes it on.</summary>
    public required NodeId Source { get; init; }

    /// <summary>Objects received.</summary>
    public required long ObjectsReceived { get; init; }

    /// <summary>Bytes of those.</summary>
    public required long BytesReceived { get; init; }

    /// <summary>Objects that the app missed so far, between those it got: left out on the way, late, or because it reads slowly.</summary>
    public required long ObjectsLost { get; init; }

    /// <summary>Objects that arrived, but too late, or were not taken in time by the app, and were dropped.</summary>
    public required long ObjectsLate { get; init; }

    /// <summary>How often another node had to be found that sends it.</summary>
    public required int Changes { get; init; }

    /// <summary>How many this node sends it on to.</summary>
    public required int Rebroadcasts { get; init; }
}
