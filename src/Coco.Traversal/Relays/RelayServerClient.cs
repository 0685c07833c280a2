using Coco.Crypto;
using Coco.Traversal.Links;

namespace Coco.Traversal.Relays;

/// <summary>One authenticated control connection to a relay.</summary>
internal sealed class RelayServerClient(int number, NodeId id, Link link, RelayAccount account)
{
    public int Number { get; } = number;

    public NodeId Id { get; } = id;

    /// <summary>To which network it belongs, as far as this relay tells networks apart; empty for none.</summary>
    public string Network { get; set; } = "";

    /// <summary>Whether this relay tells networks apart and knows none that it belongs to.</summary>
    public bool IsStranger { get; set; }

    public RelayAccount Account { get; } = account;

    public RelayAccount? NetworkAccount { get; set; }

    /// <summary>Its places among those who use the accounts.</summary>
    public LinkedListNode<RelayServerClient>? AccountNode { get; set; }

    /// <inheritdoc cref="AccountNode"/>
    public LinkedListNode<RelayServerClient>? NetworkNode { get; set; }

    /// <summary>Where its control connection is, which proved that address: the only place to which data is sent.</summary>
    public Link Link { get; set; } = link;

    /// <summary>What we are to it; null while it is not registered.</summary>
    public RelayPreference? Registration { get; set; }

    /// <summary>Whether the same identity has registered by another connection since.</summary>
    public bool IsSuperseded { get; set; }

    public List<RelayLeg> Legs { get; } = [];

    /// <summary>From where data came that its control connection has not been seen at.</summary>
    public Link Unverified { get; set; }

    public bool IsUnverifiedReported { get; set; } = true;

    public TimeSpan NextUnverified { get; set; } = TimeSpan.MinValue;

    /// <summary>Messages that wait.</summary>
    public Queue<RelayMessageBody> Messages { get; } = [];

    public int QueuedBytes { get; set; }

    /// <summary>Whether it stands in the relay's queue of clients with messages.</summary>
    public bool IsReady { get; set; }

    /// <summary>Its place among those whose stream takes no more, in the order in which the host said so; null while it does.</summary>
    public LinkedListNode<RelayServerClient>? Blocked { get; set; }

    /// <summary>Why it is not served, where the relay's terms say so.</summary>
    public string? Refusal { get; set; }

    /// <summary>Whether the host was told to end its connection.</summary>
    public bool IsCut { get; set; }
}
