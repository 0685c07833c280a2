namespace Coco.Media;

/// <summary>What comes on one stream of a track, for <see cref="TrackOrder"/>.</summary>
internal sealed class OrderLane(long first, long previous)
{
    /// <summary>Where the one before it begins; -1 for none.</summary>
    public long Previous => previous;

    /// <summary>Where it begins in the track.</summary>
    public long First => first;

    /// <summary>Objects that wait for lanes before it.</summary>
    public Queue<OrderedObject> Held { get; } = new();

    /// <summary>Whether its stream is over.</summary>
    public bool IsEnded { get; set; }
}
