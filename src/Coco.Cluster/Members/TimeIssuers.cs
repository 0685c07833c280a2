using Coco.Cluster.Membership;
using Coco.Cluster.Time;
using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <summary>Who may say what time it is, by the state of the network.</summary>
internal sealed class TimeIssuers(MembershipLog log) : ITimeIssuers
{
    private NetworkState? _state;
    private Dictionary<NodeId, TimeIssuer> _issuers = [];

    public TimeIssuer Find(NodeId issuer)
    {
        if (!ReferenceEquals(_state, log.State)) { Collect(log.State); }
        return _issuers.GetValueOrDefault(issuer);
    }

    private void Collect(NetworkState state)
    {
        (_state, _issuers) = (state, []);
        // The most senior first, so that the grant a tenure goes back to is known before the tenure is looked at.
        foreach (var tenure in state.Admins) { _issuers.TryAdd(tenure.Key, new(TimeIssuerKind.Admin, LineOf(tenure.Place, state) ?? tenure.Id)); }
        foreach (var plane in state.ControlPlanes)
        {
            var by = state.ListedBy(plane.Id);
            if (by.IsOwner) { _issuers[plane.Id] = new(TimeIssuerKind.OwnerOrControlPlane, default); }
            // Whoever may write the list may list a key of its own: that is one more voice of its line, and no key gains by being listed.
            else if (LineOf(by, state) is { } line) { _issuers.TryAdd(plane.Id, new(TimeIssuerKind.Admin, line)); }
        }
        if (state.Owner is { } owner) { _issuers[owner.Key] = new(TimeIssuerKind.OwnerOrControlPlane, default); }
    }

    // The owner's grant that an office goes back to.
    private static StatementId? LineOf(Place place, NetworkState state)
    {
        foreach (var other in state.Facts.Tenures.Values)
        {
            if (other.Place.Distance == 1 && other.Place.Generation == 0 && place.IsBelow(other.Place)) { return other.Id; }
        }
        return null;
    }
}
