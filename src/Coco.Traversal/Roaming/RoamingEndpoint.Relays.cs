using Coco.Crypto;
using Coco.Traversal.Links;
using Coco.Traversal.Records;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Roaming;

/// <summary>Using relays: one link for each of our nodes and each relay, whoever needs it.</summary>
internal sealed partial class RoamingEndpoint
{
    private readonly Dictionary<(NodeId Node, NodeId Relay), RelayLink> _relays = [];
    private readonly Dictionary<Link, List<RelayLink>> _relaysByLink = [];

    internal RelayLink RelayFor(LocalNode node, RelayInfo info, TimeSpan now)
    {
        if (!_relays.TryGetValue((node.Id, info.Id), out var relay))
        {
            relay = new(this, node, info, now);
            _relays.Add((node.Id, info.Id), relay);
        }
        return relay;
    }

    internal RelayLink? FindRelay(LocalNode node, NodeId relay) => _relays.GetValueOrDefault((node.Id, relay));

    /// <summary>Where the same node of ours is registered beside this relay.</summary>
    internal IEnumerable<RelayLink> OtherHomesOf(RelayLink relay) =>
        _relays.Values.Where(other => other != relay && other.Node == relay.Node && other is { IsUp: true, IsHome: true });

    internal void Forget(RelayLink relay)
    {
        _relays.Remove((relay.Node.Id, relay.Info.Id));
        _timers.Remove(relay);
    }

    internal void HandleRelayUp(RelayLink relay)
    {
        if (!_relaysByLink.TryGetValue(relay.Link, out var list)) { _relaysByLink.Add(relay.Link, list = []); }
        list.Add(relay);
    }

    internal void HandleRelayDown(RelayLink relay)
    {
        if (_relaysByLink.TryGetValue(relay.Link, out var list) && list.Remove(relay) && list.Count == 0) { _relaysByLink.Remove(relay.Link); }
    }

    /// <summary>A session between us and a peer, whoever opened it.</summary>
    internal void HandleSessionOpened(RelayLink relay, in PathAddress way, NodeId peer, TimeSpan now)
    {
        foreach (var connection in ConnectionsOf(relay, peer)) { connection.HandleSessionOpened(relay, way, now); }
    }

    internal void HandleSessionClosed(RelayLink relay, in PathAddress way, NodeId peer, TimeSpan now)
    {
        foreach (var connection in ConnectionsOf(relay, peer)) { connection.HandleWayLost(way, now); }
    }

    internal void HandleNotResolved(RelayLink relay, NodeId target)
    {
        foreach (var connection in ConnectionsOf(relay, target)) { connection.HandleNotResolved(relay); }
    }

    /// <summary>A relay knows a peer's record: calls of it that are under way go where that says.</summary>
    internal void HandleResolved(RelayLink relay, AddressRecord record, TimeSpan now)
    {
        foreach (var connection in ConnectionsOf(relay, record.Id)) { connection.HandleResolved(record, now); }
    }

    /// <summary>The ways to a connection's peer that relays hold open.</summary>
    internal List<(RelayLink Relay, PathAddress Way)> SessionsOf(RoamingConnection connection)
    {
        var found = new List<(RelayLink, PathAddress)>();
        foreach (var relay in _relays.Values)
        {
            if (!relay.IsUp || relay.Node != connection.Node) { continue; }
            foreach (var (session, other) in relay.Client!.Sessions)
            {
                if (other == connection.PeerId) { found.Add((relay, new(relay.Link, session))); }
            }
        }
        return found;
    }

    internal void HandleRecordChanged(LocalNode node, TimeSpan now)
    {
        RecordVersion++;
        foreach (var relay in _relays.Values.ToArray())
        {
            if (relay.Node == node) { relay.Publish(now); }
        }
        foreach (var connection in _connections)
        {
            if (connection.Node == node) { connection.SendRecord(); }
        }
    }

    // Those of the same node of ours: a session made for one identity must not carry another's, or the relay could tell that they are one host.
    private RoamingConnection[] ConnectionsOf(RelayLink relay, NodeId peer) =>
        _connectionsByPeer.TryGetValue(peer, out var connections) ? [.. connections.Where(connection => connection.Node == relay.Node)] : [];

    // A relayed datagram that comes from a relay of ours: whose is it?
    private bool IsFromRelay(in Link link, ulong session, TimeSpan now)
    {
        if (!_relaysByLink.TryGetValue(link, out var relays)) { return false; }
        foreach (var relay in relays)
        {
            if (relay.Client!.Sessions.ContainsKey(session)) { return true; }
            if (!relay.Client.TryAccept(session, now)) { continue; }
            SetTimer(relay); // it is forgotten after a while, unless somebody is announced
            return true;
        }
        return false;
    }
}
