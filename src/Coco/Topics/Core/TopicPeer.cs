using Coco.Crypto;

namespace Coco.Topics.Core;

/// <summary>What is known of another node, and what is to be said to it.</summary>
internal sealed class TopicPeer(NodeId node)
{
    public NodeId Node { get; } = node;

    public TopicLink? Link { get; set; }

    /// <summary>Its newest interests.</summary>
    public InterestRecord? Record { get; set; }

    /// <summary>Our topics it gets from us.</summary>
    public HashSet<TopicTarget> Targets { get; } = [];

    /// <summary>Frames that wait for a link.</summary>
    public Outbox Owed { get; } = new();

    /// <summary>Whether it is one of those this node keeps a link with in any case.</summary>
    public bool IsNeighbour { get; set; }

    /// <summary>Whether somebody tries to reach it.</summary>
    public bool IsConnecting { get; set; }

    /// <summary>Whether the last try failed.</summary>
    public bool HasFailed { get; set; }

    /// <summary>When it may be tried again.</summary>
    public TimeSpan RetryAt { get; set; }

    public int Failures { get; set; }

    public bool IsWanted => IsNeighbour || Targets.Count > 0 || Owed.Length > 0;
}
