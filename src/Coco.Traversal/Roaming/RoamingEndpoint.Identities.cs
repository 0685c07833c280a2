using Coco.Crypto;
using Coco.Traversal.Finding;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Roaming;

/// <summary>Our identities, which may come and go while the endpoint serves.</summary>
internal sealed partial class RoamingEndpoint
{
    private readonly List<LocalNode> _nodes;

    /// <summary>Our nodes, in the order in which they came.</summary>
    public IReadOnlyList<LocalNode> Nodes => _nodes;

    /// <summary>Changes whenever a node of ours has signed a new record.</summary>
    public int RecordVersion { get; private set; }

    /// <summary>One more identity of ours: it answers from now on, and is found at its relays as soon as it is registered there.</summary>
    /// <param name="identity">It stays the caller's, to be wiped after <see cref="RemoveIdentity(LocalNode, TimeSpan)"/>.</param>
    /// <param name="relays">Of which some become its homes; those of the options when null.</param>
    /// <param name="now">The time.</param>
    /// <param name="maxKeepAlive">The longest silence that its connections are left in; null for as long as the paths permit.</param>
    public LocalNode AddIdentity(IdentityKey identity, IReadOnlyList<RelayInfo>? relays, TimeSpan now, TimeSpan? maxKeepAlive = null)
    {
        ArgumentNullException.ThrowIfNull(identity);
        if (NodeWith(identity.Id) is not null) { throw new ArgumentException($"{identity.Id} is an identity of this endpoint's already.", nameof(identity)); }
        var node = NodeOf(identity, relays ?? Options.Relays, now, maxKeepAlive);
        _nodes.Add(node);
        _quic.AddIdentity(identity);
        if (!HasNetwork) { return node; }
        ObserveFromRelays(now);
        node.UpdateRecord(now);
        node.HandleTimeout(now);
        Settle(now);
        return node;
    }

    /// <summary>Others are an identity's relays from now on. Those that it had and has still are not disturbed.</summary>
    public void SetRelays(NodeId identity, IReadOnlyList<RelayInfo> relays, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(relays);
        if (NodeWith(identity) is not { } node) { return; }
        node.SetRelays(relays, now);
        if (HasNetwork) { ObserveFromRelays(now); }
        Settle(now);
    }

    /// <summary>Whoever calls this identity hears nothing any more, and nobody is called in its name. What it has stays until
    /// <see cref="RemoveIdentity(LocalNode, TimeSpan)"/>, before which it cannot be added again.</summary>
    /// <returns>Its node; null when it is none of ours.</returns>
    public LocalNode? SilenceIdentity(NodeId id)
    {
        if (NodeWith(id) is not { } node) { return null; }
        _quic.RemoveIdentity(id);
        _nodes.Remove(node);
        return node;
    }

    /// <summary>Ends all that a silenced identity has: connections, calls, registrations, and clients where it is a relay.</summary>
    public void RemoveIdentity(LocalNode node, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(node);
        node.HandleRemoved();
        foreach (var connection in _connections.Where(connection => connection.Node == node).ToArray()) { connection.Close(0, "The identity was removed.", now); }
        foreach (var client in _served.Values.Where(client => client.Quic.LocalId == node.Id).ToArray()) { client.Quic.Close(ControlMessage.Refused, "The relay has gone.", now); }
        foreach (var relay in _relays.Values.Where(relay => relay.Node == node).ToArray()) { relay.Close(now); }
        _timers.Remove(node);
        if (HasNetwork) { ObserveFromRelays(now); }
        Settle(now);
    }

    /// <summary>Ends all that there is; what peers and relays have to be told is then to be taken.</summary>
    public void Close(TimeSpan now)
    {
        foreach (var node in _nodes.ToArray()) { RemoveIdentity(SilenceIdentity(node.Id)!, now); }
    }

    /// <summary>Whether there is, still, an identity of ours to make this call as.</summary>
    public bool CanCall(RoamingTarget target) => CallerOf(target) is not null;

    private LocalNode? CallerOf(RoamingTarget target) => target.As.IsDefault ? _nodes.FirstOrDefault() : NodeWith(target.As);

    // Apart from Settle, which runs for every batch: a closure there is allocated whether it is used or not.
    private LocalNode? NodeWith(NodeId id) => _nodes.Find(node => node.Id == id);

    // An identity that comes back says something newer than it said before it went, without anybody having kept that.
    private LocalNode NodeOf(IdentityKey identity, IReadOnlyList<RelayInfo> relays, TimeSpan now, TimeSpan? maxKeepAlive = null) => new(
        this, identity, relays, new RelayHomes(relays, Options.Homes, _random),
        (UnixSeconds(now) << 16) + (ulong)((now.Ticks % TimeSpan.TicksPerSecond << 16) / TimeSpan.TicksPerSecond))
    {
        MaxKeepAlive = maxKeepAlive ?? KeepAliveLearner.Longest,
    };
}
