using Coco.Traversal.Records;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Roaming;

/// <summary>
/// A call of a peer that is not where it was thought to be: relays that have it not are asked for its record, which is signed by the peer, and the call
/// goes where that says as well. A relay that answers with an old one costs some attempts and nothing else.
/// </summary>
internal sealed partial class RoamingConnection
{
    private RelayLink[] _resolvedAt = []; // each relay is asked once for a call, unless it could not say

    /// <summary>A relay has a record of the peer's.</summary>
    internal void HandleResolved(AddressRecord record, TimeSpan now)
    {
        if (_dialer is null || !_hasDialed || _target is not { } target || !record.IsNewerThan(target.Record)) { return; }
        _target = target with { Record = record };
        var policy = _endpoint.Options.Finding.Policy;
        foreach (var address in policy.RelayOnly ? [] : record.Addresses.Except(target.AllAddresses))
        {
            if (policy.Allows(address) && _endpoint.TryLinkTo(address, out var link)) { _dialer.Add(new(link), now); }
        }
        foreach (var relay in record.Relays)
        {
            if (_relays.Length < MaxRelays) { AskRelay(_endpoint.RelayFor(Node, relay, now), now); }
        }
        _endpoint.SetTimer(this);
    }

    /// <summary>A relay could not look the peer's record up now: it is asked again when it refuses a session the next time, which it is asked for ever more seldom.</summary>
    internal void HandleNotResolved(RelayLink relay)
    {
        _resolvedAt = [.. _resolvedAt.Where(other => other != relay)];
    }

    private void ResolveAt(RelayLink relay, RelayRefusal reason, TimeSpan now)
    {
        if (reason is not RelayRefusal.NotRegistered || _dialer is null || _resolvedAt.Contains(relay)) { return; }
        _resolvedAt = [.. _resolvedAt, relay];
        relay.Resolve(PeerId, now);
    }
}
