namespace Coco.Topics.Core;

/// <summary>What this node publishes to one topic.</summary>
internal sealed class OwnStream(string topic, ulong epoch, int capacity)
{
    public string Topic { get; } = topic;

    /// <summary>Since when numbers count: two that differ tell of two lives of the publisher.</summary>
    public ulong Epoch { get; } = epoch;

    public MessageRing Ring { get; } = new(capacity);

    /// <summary>Who gets it from this node, as of a version of the routes.</summary>
    public List<TopicTarget> Targets { get; } = [];

    public int RouteVersion { get; set; } = -1;

    /// <summary>Whether subscribers are known whom the policy lets have it, and whether any are known whom it does not.</summary>
    public bool IsDeniedToAll { get; set; }

    /// <summary>The app's own subscriptions, as of a version of theirs.</summary>
    public LocalSubscription[] Local { get; set; } = [];

    public int LocalVersion { get; set; } = -1;

    /// <summary>Messages that are not yet acknowledged by all.</summary>
    public Dictionary<ulong, PendingMessage>? Pending { get; set; }

    /// <summary>Where there are too many subscribers for this node: whom it sends to, who pass it on.</summary>
    public Overlay? Overlay { get; set; }

    /// <summary>How many subscribers there are then.</summary>
    public int Subscribers { get; set; }

    /// <summary>Messages that wait for the next signature, and the number of the first.</summary>
    public Outbox? Gathered { get; set; }

    public int GatheredCount { get; set; }

    public ulong GatheredFirst { get; set; }

    public TimeSpan UsedAt { get; set; }
}
