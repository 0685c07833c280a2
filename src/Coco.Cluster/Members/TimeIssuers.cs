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
        foreach (var tenure in state.Admins) { _issuers.TryAdd(tenure.Key, new(TimeIssuerKind.Admin, LineOf(tenure, state))); }
        foreach (var plane in state.ControlPlanes) { _issuers[plane.Id] = new(TimeIssuerKind.OwnerOrControlPlane, default); }
        if (state.Owner is { } owner) { _issuers[owner.Key] = new(TimeIssuerKind.OwnerOrControlPlane, default); }
    }

    private static StatementId LineOf(Tenure tenure, NetworkState state)
    {
        foreach (var other in state.Facts.Tenures.Values)
        {
            if (other.Place.Distance == 1 && other.Place.Generation == 0 && tenure.Place.IsBelow(other.Place)) { return other.Id; }
        }
        return tenure.Id;
    }
}
