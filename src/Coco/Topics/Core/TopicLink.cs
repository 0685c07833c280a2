using Coco.Crypto;

namespace Coco.Topics.Core;

/// <summary>The stream with one peer, as long as it lives.</summary>
/// <param name="peer">The peer.</param>
/// <param name="isOurs">Whether this side opened it.</param>
/// <param name="association">What it lives on, to tell a peer that has come back from one that calls twice.</param>
internal sealed class TopicLink(TopicPeer peer, bool isOurs, object association)
{
    public TopicPeer Peer { get; } = peer;

    public NodeId Node => Peer.Node;

    public bool IsOurs { get; } = isOurs;

    public object Association { get; } = association;

    /// <summary>Its host's.</summary>
    public object? Host { get; set; }

    /// <summary>Whether the peer's Hello has come.</summary>
    public bool IsReady { get; set; }

    /// <summary>Whether the peer's interests, and those it knows, have come once.</summary>
    public bool IsSynced { get; set; }

    /// <summary>Whether another has taken its place, or it has ended.</summary>
    public bool IsGone { get; set; }

    public Outbox Out { get; } = new();

    /// <summary>Whether its host writes, and will ask for more when it is done.</summary>
    public bool IsWriting { get; set; }

    /// <summary>Whether it stands in the queue of those that have something to write.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Our topics that have a number here.</summary>
    public List<OutBinding?> Bound { get; } = [];

    /// <summary>Where the next number is taken from once all are in use.</summary>
    public int NextNumber { get; set; }

    /// <summary>The peer's topics by number.</summary>
    public List<InBinding?> Heard { get; } = [];

    /// <summary>Those of which the peer has not got everything yet.</summary>
    public Queue<OutBinding> Behind { get; } = new();

    /// <summary>What the peer has of our topics, as it said at the beginning.</summary>
    public Dictionary<string, (ulong Epoch, ulong Next)> Haves { get; } = new(StringComparer.Ordinal);

    /// <summary>The time that was told last, and the one that was heard.</summary>
    public long ToldTime { get; set; } = -1;

    public long HeardTime { get; set; }

    /// <summary>The version of our interests that the peer has.</summary>
    public ulong SeenVersion { get; set; }

    /// <summary>A batch whose signature is to be looked at before anything else of this link, and what was said of it.</summary>
    public SignedBatch? Unverified { get; set; }

    public byte UnverifiedFlags { get; set; }

    /// <summary>Before this the records known are not listed again.</summary>
    public TimeSpan NextKnown { get; set; }
}
