namespace Coco.Topics;

/// <summary>Limits of topics.</summary>
public sealed record TopicOptions
{
    /// <summary>Bytes that the name of a topic, or a filter, may have. From 16 to 4,096, default 1,024.</summary>
    public int MaxTopicLength { get; init => field = InRange(value, 16, 4096); } = 1024;

    /// <summary>Bytes that a message may have. From 1 KiB to 1 MiB, default 256 KiB.</summary>
    public int MaxMessageLength { get; init => field = InRange(value, 1024, 1 << 20); } = 256 << 10;

    /// <summary>Bytes of the last messages that a publisher keeps of each topic: for those who fall behind, come back, or ask for what was said
    /// before. From 4 KiB to 64 MiB, default 1 MiB.</summary>
    public int HistoryLength { get; init => field = InRange(value, 4096, 64 << 20); } = 1 << 20;

    /// <summary>Topics this node publishes to, that are remembered; the one unused longest makes room. From 16 to 1,048,576, default 16,384.</summary>
    public int MaxPublished { get; init => field = InRange(value, 16, 1 << 20); } = 16_384;

    /// <summary>Topics of others, each counted for each publisher, that are remembered. From 16 to 1,048,576, default 65,536.</summary>
    public int MaxHeard { get; init => field = InRange(value, 16, 1 << 20); } = 65_536;

    /// <summary>Topics with a number in each direction of a connection. From 16 to 65,536, default 16,384.</summary>
    public int MaxNumbers { get; init => field = InRange(value, 16, 65_536); } = 16_384;

    /// <summary>Filters that one node tells others, and that it takes of each of them: the same for all nodes of a network. Where an app has more, filters are
    /// widened for the others, and the app gets what its own are for. From 1 to 16,384, default 1,024.</summary>
    public int MaxFilters { get; init => field = InRange(value, 1, 16_384); } = 1024;

    /// <summary>Different filters that this node's app may subscribe to. From 1 to 1,048,576, default 65,536.</summary>
    public int MaxSubscribed { get; init => field = InRange(value, 1, 1 << 20); } = 65_536;

    /// <summary>Members whose filters are remembered. From 16 to 1,048,576, default 16,384.</summary>
    public int MaxMembers { get; init => field = InRange(value, 16, 1 << 20); } = 16_384;

    /// <summary>Values of topics that are kept, those of others included. From 16 to 1,048,576, default 16,384.</summary>
    public int MaxValues { get; init => field = InRange(value, 16, 1 << 20); } = 16_384;

    /// <summary>Bytes that they may have together. From 64 KiB to 1 GiB, default 32 MiB.</summary>
    public int MaxValuesLength { get; init => field = InRange(value, 64 << 10, 1 << 30); } = 32 << 20;

    /// <summary>Wills that this node may have, and that are kept of each other. From 1 to 16,384, default 1,024.</summary>
    public int MaxWills { get; init => field = InRange(value, 1, 16_384); } = 1024;

    /// <summary>How long a node must be out of reach, without goodbye, before its wills are said. From 0 to 1 hour, default 1 s: a node that changes
    /// its network is gone for no longer.</summary>
    public TimeSpan WillDelay { get; init => field = InRange(value, TimeSpan.Zero, TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(1);

    /// <summary>Restrictions that are known at once. From 1 to 65,536, default 256.</summary>
    public int MaxRestricted { get; init => field = InRange(value, 1, 65_536); } = 256;

    /// <summary>Members that a restricted topic may have. From 1 to 8,192, default 1,024.</summary>
    public int MaxRestrictedMembers { get; init => field = InRange(value, 1, 8192); } = 1024;

    /// <summary>Former keys of a restricted topic that are kept, for messages from before. From 0 to 1,024, default 16.</summary>
    public int MaxFormerKeys { get; init => field = InRange(value, 0, 1024); } = 16;

    /// <summary>Messages that a subscription holds for an app that does not take them; the next ones are missed. From 1 to 1,048,576, default 65,536.</summary>
    public int MaxQueued { get; init => field = InRange(value, 1, 1 << 20); } = 65_536;

    /// <summary>Bytes of messages that a subscription holds likewise. From 1 KiB to 1 GiB, default 64 MiB.</summary>
    public int MaxQueuedLength { get; init => field = InRange(value, 1024, 1 << 30); } = 64 << 20;

    /// <summary>Bytes that wait for a peer before messages stay in the topic's history instead. From 16 KiB to 16 MiB, default 64 KiB.</summary>
    public int MaxWaiting { get; init => field = InRange(value, 16 << 10, 16 << 20); } = 64 << 10;

    /// <summary>Subscribers of a topic that its publisher sends to itself; where there are more they pass messages on to each other. From 1 to 256, default 12.</summary>
    public int MaxDirect { get; init => field = InRange(value, 1, 256); } = 12;

    /// <summary>How long an acknowledged message may take to reach all connected subscribers. From 100 ms to 5 minutes, default 10 s.</summary>
    public TimeSpan AcknowledgeTimeout { get; init => field = InRange(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)); } = TimeSpan.FromSeconds(10);

    // A message of a restricted topic has more on the wire.
    internal int MaxSealedLength => MaxMessageLength + TopicKeys.Overhead;

    private static T InRange<T>(T value, T low, T high)
        where T : IComparable<T> => value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"The value must be from {low} to {high}.");
}
