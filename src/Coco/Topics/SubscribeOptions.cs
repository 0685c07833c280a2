namespace Coco.Topics;

/// <summary>What a subscription wants besides new messages.</summary>
public sealed record SubscribeOptions
{
    /// <summary>How many of the last messages of each publisher's topic, as far as the publisher is there and has them. Default 0.</summary>
    public int HistoryCount { get; init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The count must not be negative."); }

    /// <summary>How far back messages are wanted, likewise; with <see cref="HistoryCount"/> too, whatever is less. Default zero.</summary>
    public TimeSpan HistoryTime { get; init => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The time must not be negative."); }

    /// <summary>Whether retained values are wanted. Default true.</summary>
    public bool Retained { get; init; } = true;

    /// <summary>Whether this node's own messages are wanted. Default true.</summary>
    public bool Own { get; init; } = true;

    /// <summary>Whether what was missed comes as a <see cref="TopicMessage"/> of its own, with <see cref="TopicMessage.Missed"/> and no data. Default false:
    /// the next message says it, and <see cref="TopicSubscription.Missed"/>.</summary>
    public bool ReportMissed { get; init; }

    /// <summary>Whether the reader says itself what it has (<see cref="NodeTopics.Confirm"/>), and acknowledged messages wait for that.</summary>
    internal bool Confirms { get; init; }

    /// <summary>Messages that may wait for the app; null for <see cref="TopicOptions.MaxQueued"/>.</summary>
    public int? MaxQueued { get; init => field = value is null or > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "At least one message must have room."); }
}
