using Coco.Crypto;

namespace Coco.Topics.Core;

/// <summary>What another node publishes to one topic, as far as it was heard here.</summary>
internal sealed class RemoteStream(NodeId publisher, string topic)
{
    public NodeId Publisher { get; } = publisher;

    public string Topic { get; } = topic;

    /// <summary>Of the publisher; 0 before anything was heard.</summary>
    public ulong Epoch { get; set; }

    /// <summary>The number of the message that is expected next.</summary>
    public ulong Next { get; set; }

    /// <summary>Whether it is not yet known which message is the first for this node: where many pass messages on, a later one may be faster.</summary>
    public bool IsSettling { get; set; }

    /// <summary>The smallest number that anybody offered meanwhile.</summary>
    public ulong SettleFrom { get; set; } = ulong.MaxValue;

    /// <summary>Messages that came before others, by number.</summary>
    public SortedList<ulong, HeldMessage>? Held { get; set; }

    /// <summary>When what is missing before those is given up.</summary>
    public TimeSpan GiveUpAt { get; set; }

    /// <summary>Whether the policy lets the publisher, as of a version of the members.</summary>
    public bool IsAllowed { get; set; }

    public int RulesVersion { get; set; } = -1;

    public LocalSubscription[] Local { get; set; } = [];

    public int LocalVersion { get; set; } = -1;

    /// <summary>Where it comes from its publisher.</summary>
    public InBinding? Binding { get; set; }

    /// <summary>Where this node passes it on: to whom.</summary>
    public Overlay? Overlay { get; set; }

    public TimeSpan UsedAt { get; set; }
}
