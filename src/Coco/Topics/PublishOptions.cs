namespace Coco.Topics;

/// <summary>How a message is published.</summary>
public sealed record PublishOptions
{
    /// <summary>Whether it is the topic's value, which those who subscribe later get first. Default false. An empty one is none: it takes the value away.</summary>
    public bool Retain { get; init; }

    /// <summary>Whether publishing is done only when the subscribers that are connected have the message in their queues. Default false.</summary>
    public bool Acknowledge { get; init; }

    /// <summary>By what it counts among the topic's values, as <see cref="NodeTopics.TakeOrder"/> gave it; zero for now.</summary>
    internal ulong Order { get; init; }
}
