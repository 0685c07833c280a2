using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <content>From senior to junior: the owners in their order, then each tenure when nothing that could limit it is left to be looked at.</content>
internal sealed partial class Evaluation
{
    private readonly PriorityQueue<Tenure, Place> _waiting = new();
    private readonly Dictionary<NodeId, List<Tenure>> _open = [];
    private readonly Dictionary<StatementId, List<StatementId>> _lifts = [];
    private readonly Dictionary<StatementId, List<StatementId>> _closingsOf = [];
    private readonly Dictionary<NodeId, List<StatementId>> _bansOf = [];

    private NodeId OwnerInOffice => Facts.Epochs[^1].Owner.Key;

    private void RunOffices()
    {
        if (Facts.Epochs.Count == 0) { return; }
        foreach (var tenure in Facts.Tenures.Values) { _waiting.Enqueue(tenure, tenure.Place); }
        foreach (var (act, _) in _ownerActs) { FindLifts(act, Place.Owner); }
        foreach (var (act, epoch) in _ownerActs) { Apply(act, new(Place.Owner, (ulong)epoch, default, act.Statement.Issuer)); }
        foreach (var (act, _) in _ownerActs) { PinSeen(act); }
        while (_waiting.TryDequeue(out var tenure, out _)) { RunTenure(tenure); }
        CloseWhatIsRevoked();
    }

    private void RunTenure(Tenure tenure)
    {
        var path = PathOf(tenure.Key);
        var left = tenure.Closed is null ? path.Count : 0; // closed in the snapshot: what it did until then is there
        foreach (var (cut, keep) in LimitsOf(tenure))
        {
            left = Math.Min(left, LeftBy(cut, tenure.Key, path));
            tenure = tenure with { Closed = (tenure.Closed ?? Keep.All).And(keep) };
        }
        var acts = path.Take(left).Where(entry => entry.Statement.Authority == tenure.Id).ToList();
        var end = acts.FindIndex(act => EndsTenure(act, tenure));
        if (end >= 0) { acts.RemoveRange(end + 1, acts.Count - end - 1); }

        Facts.Tenures[tenure.Id] = tenure;
        if (tenure.Closed is null && end < 0)
        {
            if (!_open.TryGetValue(tenure.Key, out var open)) { _open.Add(tenure.Key, open = []); }
            open.Add(tenure);
        }
        foreach (var act in acts) { FindLifts(act, tenure.Place); }
        foreach (var act in acts) { Apply(act, new(tenure.Place, tenure.Place.Generation, tenure.Id, tenure.Key)); }
        foreach (var act in acts) { PinSeen(act); }
    }

    private IEnumerable<(Cut Cut, Keep Keep)> LimitsOf(Tenure tenure)
    {
        foreach (var id in _closingsOf.GetValueOrDefault(tenure.Id, []))
        {
            var closing = Facts.Closings[id];
            if (closing.By.IsSeniorTo(tenure.Place)) { yield return (closing.Cut, Facts.KeptBy(closing.By, closing.Subject, closing.Keep)); }
        }
        foreach (var id in _bansOf.GetValueOrDefault(tenure.Key, []))
        {
            var ban = Facts.Bans[id];
            if (ban.By.IsSeniorTo(tenure.Place) && !ban.LiftedBy.Contains(tenure.Id)) { yield return (ban.Cut, Facts.KeptBy(ban.By, StatementBody.Revoke.SubjectOf(ban.User.Key), ban.Keep)); }
        }
    }

    private static void Index<T>(Dictionary<T, List<StatementId>> index, T subject, StatementId id)
        where T : notnull
    {
        if (!index.TryGetValue(subject, out var list)) { index.Add(subject, list = []); }
        list.Add(id);
    }

    private static bool EndsTenure(Entry act, Tenure tenure) => act.Body switch
    {
        StatementBody.Revoke { Kind: RevokeKind.Grant } revoke => revoke.Subject == tenure.Id,
        StatementBody.RotateKey => act.Statement.IsAgreed,
        _ => false,
    };

    // A grant may welcome a user despite a revocation by the same office or a junior one.
    private void FindLifts(Entry act, Place place)
    {
        if (act.Body is not StatementBody.GrantRole grant) { return; }
        foreach (var id in grant.Lifts)
        {
            if (!Facts.Bans.TryGetValue(id, out var ban)) { Index(_lifts, id, act.Id); }
            else if (!ban.By.IsSeniorTo(place) && ban.User == grant.User) { Facts.Bans[id] = ban with { LiftedBy = ban.LiftedBy.Add(act.Id) }; }
        }
    }

    private void CloseWhatIsRevoked()
    {
        foreach (var closing in Facts.Closings.Values)
        {
            if (Facts.Guests.TryGetValue(closing.Subject, out var guest) && closing.By.MayTakeBack(guest.By)) { Facts.Guests.Remove(closing.Subject); }
            if (Facts.Resources.TryGetValue(closing.Subject, out var resource) && closing.By.MayTakeBack(resource.By)) { Facts.Resources.Remove(closing.Subject); }
            if (Facts.Delegates.TryGetValue(closing.Subject, out var grant) && closing.By.IsSeniorTo(grant.Place))
            {
                Facts.Delegates[grant.Id] = grant with { Closed = (grant.Closed ?? Keep.All).And(Facts.KeptBy(closing.By, closing.Subject, closing.Keep)) };
            }
            var epoch = Facts.Epochs.FindIndex(epoch => epoch.Id == closing.Subject);
            if (closing.By.IsOwner && epoch >= 0 && epoch < Facts.Epochs.Count - 1)
            {
                Facts.Epochs[epoch] = Facts.Epochs[epoch] with { Keep = Facts.Epochs[epoch].Keep.And(Facts.KeptBy(closing.By, closing.Subject, closing.Keep)) };
            }
        }
    }

    /// <summary>Why a statement has no effect; none if it has.</summary>
    public VoidReason ReasonOf(Entry entry)
    {
        if (_reasons.TryGetValue(entry.Id, out var reason)) { return reason; }
        var (issuer, authority) = (entry.Statement.Issuer, entry.Statement.Authority);
        var inOffice = (Facts.Tenures.TryGetValue(authority, out var tenure) && tenure.Key == issuer)
            || Facts.Epochs.Exists(epoch => epoch.Id == authority && epoch.Owner.Key == issuer);
        if (!inOffice) { return VoidReason.NoOffice; }
        return PathOf(issuer).Contains(entry) ? VoidReason.BeyondCut : VoidReason.OtherBranch;
    }

    /// <summary>In whose name an act is looked at.</summary>
    /// <param name="Place">The seniority.</param>
    /// <param name="Round">Which epoch of the owners, or which key of the tenure.</param>
    /// <param name="Tenure">The tenure; none for an owner.</param>
    /// <param name="Key">The key that acts.</param>
    private readonly record struct Actor(Place Place, ulong Round, StatementId Tenure, NodeId Key);
}
