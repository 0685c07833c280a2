namespace Coco.Media;

/// <summary>An object of a track, as a subscriber gets it.</summary>
public sealed record MediaObject
{
    /// <summary>The track's name.</summary>
    public required string Track { get; init; }

    /// <summary>The group it is in, which can be understood without others.</summary>
    public required long Group { get; init; }

    /// <summary>Its place in the group, from 0.</summary>
    public required long Index { get; init; }

    /// <summary>Its place in the track.</summary>
    public required long Sequence { get; init; }

    /// <summary>How important it is: 0 the most.</summary>
    public required byte Priority { get; init; }

    /// <summary>When it was published, from the beginning of the stream.</summary>
    public required TimeSpan Timestamp { get; init; }

    /// <summary>How old it was when it arrived, as far as the clocks of both nodes could be compared.</summary>
    public required TimeSpan Latency { get; init; }

    /// <summary>Whether it was published before this node joined, as the beginning of the newest group.</summary>
    public required bool IsCatchUp { get; init; }

    /// <summary>Objects of the track that were lost between the one delivered before and this one.</summary>
    public required long Lost { get; init; }

    /// <summary>What was published.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }
}
