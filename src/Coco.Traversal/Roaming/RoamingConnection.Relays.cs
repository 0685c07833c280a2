using Coco.Traversal.Records;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Roaming;

/// <summary>
/// The relays of a connection. The caller goes along to where the peer's newest record says that it is registered, before the relays that it
/// came from are gone. The peer chooses those addresses: so many relays at once, and new ones so often, and no more.
/// </summary>
internal sealed partial class RoamingConnection
{
    private const int MaxRelays = 2 * AddressRecord.MaxRelays; // chosen: those that the peer leaves, and those that it comes to

    private static readonly TimeSpan FollowPause = TimeSpan.FromSeconds(5); // chosen: a relay that drains mostly gives more, and a move settles in less

    private TimeSpan _askedAt = -FollowPause; // relays that a record named
    private TimeSpan _followAt = TimeSpan.MaxValue;

    private void FollowRecord(TimeSpan now)
    {
        if (!IsCaller || State is not RoamingState.Connected || PeerRecord is not { } record) { return; }
        if (now < _askedAt + FollowPause)
        {
            FollowLater();
            return;
        }
        _followAt = TimeSpan.MaxValue;
        LeaveAllBut(record.Relays, now);
        foreach (var info in record.Relays)
        {
            // A record that names none to be asked costs nobody anything: the one after it, with the new relay, is followed at once.
            if (TryAsk(info, now)) { _askedAt = now; }
        }
        _endpoint.SetTimer(this);
    }

    // What has refused because much is asked of it may have a session then.
    private void FollowAfter(RelayLink relay, RelayRefusal reason)
    {
        if (reason is not (RelayRefusal.Quota or RelayRefusal.Busy) || !IsCaller || _finder is null) { return; }
        if (PeerRecord?.Relays.Any(info => info.Id == relay.Info.Id) == true) { FollowLater(); }
    }

    private void FollowLater()
    {
        _followAt = _askedAt + FollowPause;
        _endpoint.SetTimer(this);
    }

    private void LeaveAllBut(IReadOnlyList<RelayInfo> named, TimeSpan now)
    {
        foreach (var relay in _relays)
        {
            if (relay.HasSessionWith(PeerId) || named.Any(info => info.Id == relay.Info.Id)) { continue; }
            _relays = [.. _relays.Where(other => other != relay)];
            relay.Release(this, now);
        }
    }

    private bool TryAsk(RelayInfo info, TimeSpan now)
    {
        if (Array.Find(_relays, relay => relay.Info.Id == info.Id) is { } known)
        {
            if (known.HasSessionWith(PeerId)) { return false; }
            known.WantAgain(this, now);
            return true;
        }
        if (_relays.Length >= MaxRelays) { return false; }
        var added = _endpoint.RelayFor(Node, info, now);
        _relays = [.. _relays, added];
        added.Want(this, now);
        return true;
    }

    // Beyond so many the link lives as long as others use it: a relay may give sessions long after they were asked for.
    private void Use(RelayLink relay)
    {
        if (_relays.Length >= MaxRelays || _relays.Contains(relay)) { return; }
        _relays = [.. _relays, relay];
        relay.Use(this);
    }

    /// <summary>Does without a relay, unless the path in use goes over it.</summary>
    internal void Leave(RelayLink relay, TimeSpan now)
    {
        if (_dialer is not null || (Quic is { } quic && relay.IsUp && _endpoint.WayOf(quic.ActivePath) is { IsRelayed: true } way && way.Link == relay.Link)) { return; }
        _relays = [.. _relays.Where(other => other != relay)];
        relay.Release(this, now);
    }

    private void ReleaseRelays(TimeSpan now)
    {
        foreach (var relay in _relays) { relay.Release(this, now); }
        _relays = [];
    }
}
