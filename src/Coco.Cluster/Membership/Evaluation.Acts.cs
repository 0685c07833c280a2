using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <content>What each act does, if its office may do it.</content>
internal sealed partial class Evaluation
{
    private void Apply(Entry act, Actor actor) => _reasons[act.Id] = Try(act, actor);

    private VoidReason Try(Entry act, Actor actor)
    {
        var isOwner = actor.Place.IsOwner;
        switch (act.Body)
        {
            case StatementBody.Unknown:
                return VoidReason.Unknown;
            case StatementBody.CreateNetwork or StatementBody.Recover:
                return VoidReason.NotPermitted;
            case StatementBody.Transfer or StatementBody.SetRecovery: // done with the line of owners
                if (!isOwner) { return VoidReason.NotPermitted; }
                return act.Statement.IsAgreed ? VoidReason.None : VoidReason.NotAgreed;
            case StatementBody.SnapshotPart:
                return isOwner ? VoidReason.None : VoidReason.NotPermitted;
            case StatementBody.GrantRole grant:
                return Grant(act, actor, grant);
            case StatementBody.RotateKey rotate:
                return Rotate(act, actor, rotate);
            case StatementBody.Delegate made:
                Facts.Delegates[act.Id] = new(act.Id, made.Key, made.SubCluster, made.Until, actor.Place.Appointed(actor.Round, act.Sequence), null);
                return VoidReason.None;
            case StatementBody.Revoke revoke:
                return Revoke(act, actor, revoke);
            case StatementBody.GrantResource grant:
                Facts.Resources[act.Id] = new(act.Id, new(actor.Key), actor.Place, grant.Grant);
                return VoidReason.None;
            default:
                WriteRegisters(act, actor.Place);
                return VoidReason.None;
        }
    }

    private VoidReason Grant(Entry act, Actor actor, StatementBody.GrantRole grant)
    {
        if (grant.Role is Role.Guest)
        {
            Facts.Guests[act.Id] = new(grant.User, actor.Place);
            return VoidReason.None;
        }
        var tenure = new Tenure(act.Id, grant.User.Key, actor.Place.Appointed(actor.Round, act.Sequence), default, null);
        Facts.Tenures[act.Id] = tenure;
        _waiting.Enqueue(tenure, tenure.Place);
        return VoidReason.None;
    }

    private VoidReason Rotate(Entry act, Actor actor, StatementBody.RotateKey rotate)
    {
        if (actor.Place.IsOwner) { return VoidReason.NotPermitted; } // an owner transfers to the new key
        if (!act.Statement.IsAgreed) { return VoidReason.NotAgreed; }
        var tenure = Facts.Tenures[actor.Tenure];
        var next = new Tenure(act.Id, rotate.NewKey, actor.Place.NextKey(), default, null);
        Facts.Tenures[tenure.Id] = tenure with { Successor = act.Id, Closed = tenure.Closed ?? Keep.All };
        Facts.Tenures[next.Id] = next;
        _waiting.Enqueue(next, next.Place);
        return VoidReason.None;
    }

    private VoidReason Revoke(Entry act, Actor actor, StatementBody.Revoke revoke) => revoke.Kind switch
    {
        RevokeKind.User => RevokeUser(act, actor, revoke),
        RevokeKind.Node => RevokeNode(actor, revoke),
        RevokeKind.Keep => KeepMore(act, actor, revoke),
        _ => RevokeGrant(act, actor, revoke),
    };

    private VoidReason RevokeUser(Entry act, Actor actor, StatementBody.Revoke revoke)
    {
        var user = revoke.SubjectKey;
        if (user == OwnerInOffice) { return VoidReason.TouchesOwner; }
        // All that are open now are at least as senior as the one that acts.
        if (!actor.Place.IsOwner && _open.GetValueOrDefault(user, []).Count > 0) { return VoidReason.NotJunior; }
        // Those found so far are by offices at least as senior.
        var liftedBy = _lifts.GetValueOrDefault(act.Id, []).Where(id => _entries.Find(id)?.Body is StatementBody.GrantRole grant && grant.User.Key == user);
        Facts.Bans[act.Id] = new(act.Id, new(user), actor.Place, revoke.Cut, revoke.Keep, [.. liftedBy]);
        Index(_bansOf, user, act.Id);
        PinCut(user, revoke.Cut);
        return VoidReason.None;
    }

    private VoidReason RevokeNode(Actor actor, StatementBody.Revoke revoke)
    {
        // Whose node it is, certificates say: who is senior is compared when one is looked at.
        if (!Facts.RevokedNodes.TryGetValue(revoke.SubjectKey, out var by) || actor.Place.IsSeniorTo(by)) { Facts.RevokedNodes[revoke.SubjectKey] = actor.Place; }
        return VoidReason.None;
    }

    private VoidReason KeepMore(Entry act, Actor actor, StatementBody.Revoke revoke)
    {
        Facts.Kept[act.Id] = new(act.Id, revoke.Subject, actor.Place, default, revoke.Keep);
        return VoidReason.None;
    }

    private VoidReason RevokeGrant(Entry act, Actor actor, StatementBody.Revoke revoke)
    {
        if (revoke.Subject == actor.Tenure && !actor.Place.IsOwner)
        {
            var mine = Facts.Tenures[actor.Tenure];
            Facts.Tenures[mine.Id] = mine with { Closed = (mine.Closed ?? Keep.All).And(Facts.KeptBy(actor.Place, mine.Id, revoke.Keep)) };
            return VoidReason.None;
        }
        if (!actor.Place.IsOwner && Facts.Epochs.Exists(epoch => epoch.Id == revoke.Subject)) { return VoidReason.TouchesOwner; }
        if (Facts.Tenures.TryGetValue(revoke.Subject, out var tenure) && !actor.Place.IsSeniorTo(tenure.Place)) { return VoidReason.NotJunior; }
        if (Facts.Delegates.TryGetValue(revoke.Subject, out var made) && !actor.Place.IsSeniorTo(made.Place)) { return VoidReason.NotJunior; }
        if (Facts.Guests.TryGetValue(revoke.Subject, out var guest) && !actor.Place.MayTakeBack(guest.By)) { return VoidReason.NotJunior; }
        if (Facts.Resources.TryGetValue(revoke.Subject, out var resource) && !actor.Place.MayTakeBack(resource.By)) { return VoidReason.NotJunior; }
        // What a junior gave, or will be found to have given, may not be known yet; who is senior is compared again when it is.
        Facts.Closings[act.Id] = new(act.Id, revoke.Subject, actor.Place, revoke.Cut, revoke.Keep);
        Index(_closingsOf, revoke.Subject, act.Id);
        if (revoke.Cut.Count > 0 && _entries.Find(revoke.Cut.Last) is { } last) { PinCut(last.Statement.Issuer, revoke.Cut); }
        return VoidReason.None;
    }

    private void PinCut(NodeId issuer, Cut cut)
    {
        if (IsTrue(cut, issuer)) { Pin(issuer, cut.Last); }
    }

    private void WriteRegisters(Entry act, Place by)
    {
        switch (act.Body)
        {
            case StatementBody.Rename rename:
                Write(RegisterKind.Name, rename.Node, by, act, rename);
                if (by.IsOwner) { Write(RegisterKind.NameByOwner, rename.Node, by, act, rename); }
                break;
            case StatementBody.MoveNode move:
                Write(RegisterKind.SubCluster, move.Node, by, act, move);
                if (by.IsOwner) { Write(RegisterKind.SubClusterByOwner, move.Node, by, act, move); }
                break;
            case StatementBody.SetPolicy:
                Write(RegisterKind.Policy, default, by, act, act.Body);
                break;
            case StatementBody.SetControlPlanes:
                Write(RegisterKind.ControlPlanes, default, by, act, act.Body);
                if (by.IsOwner) { Write(RegisterKind.ControlPlanesByOwner, default, by, act, act.Body); }
                break;
            case StatementBody.SetSettings:
                Write(RegisterKind.Settings, default, by, act, act.Body);
                break;
            case StatementBody.SetDiscovery:
                Write(RegisterKind.Discovery, default, by, act, act.Body);
                break;
        }
    }

    private void Write(RegisterKind kind, NodeId subject, Place by, Entry act, StatementBody value)
    {
        var register = new Register(kind, subject, DepthOf(act.Id), by, act.Id, value);
        if (!Facts.Registers.TryGetValue((kind, subject), out var other) || register.Beats(other)) { Facts.Registers[(kind, subject)] = register; }
    }

    private void Count(Entry entry) => _reasons[entry.Id] = VoidReason.None;
}
