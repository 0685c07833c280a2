using Coco.Cluster.Certificates;
using Coco.Cluster.Discovery;
using Coco.Cluster.Grants;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Cluster.Statements;
using Coco.Crypto;
using StatementKeep = Coco.Cluster.Statements.Keep;

namespace Coco.Cluster.Members;

/// <content>
/// What a user may change. Each act takes effect here at once and goes out as soon as it is stored. It throws <see cref="MembershipException"/>
/// when the user may not, and says nothing then.
/// </content>
internal sealed partial class NetworkMember
{
    /// <summary>Removes a node for good.</summary>
    public StatementId RemoveNode(NodeId node, TimeSpan now)
    {
        _now = now;
        RequireMayTouch(node, "remove");
        if (_roster.Find(node) is { } certificate && !State.CanRevokeNode(MyPlace, certificate)) { throw NotAllowed("This is a node of an admin at least as senior: ask the owner."); }
        ChangeDiscoverySoon();
        return Act(new StatementBody.Revoke(RevokeKind.Node, StatementBody.Revoke.SubjectOf(node), default, StatementKeep.None), now);
    }

    /// <summary>Removes a user with all nodes, and what the user's offices gave; nodes that an admin has let in stay if they are known here.</summary>
    public StatementId RemoveUser(UserId user, TimeSpan now)
    {
        _now = now;
        RequireOffice();
        if (user == State.Owner) { throw NotAllowed("The owner cannot be removed: transfer or recover ownership first."); }
        if (State.RoleOf(user) is Role.Admin && !IsJunior(user)) { throw NotAllowed("This admin is at least as senior as the user of this node: ask the owner."); }
        ChangeDiscoverySoon();
        var admitted = _roster.Certificates.Where(certificate => certificate.Issuer == user.Key && certificate.User != user).Select(static certificate => certificate.Id).ToArray();
        // Certificates name the keys a user had when they were made.
        foreach (var before in State.PredecessorsOf(user).ToArray())
        {
            var subjectBefore = StatementBody.Revoke.SubjectOf(before.Key);
            MakeStatement(new StatementBody.Revoke(RevokeKind.User, subjectBefore, _log.TipOf(before.Key), Keeping(subjectBefore, admitted)));
        }
        var subject = StatementBody.Revoke.SubjectOf(user.Key);
        return Act(new StatementBody.Revoke(RevokeKind.User, subject, _log.TipOf(user.Key), Keeping(subject, admitted)), now);
    }

    /// <summary>Gives a user a role; of one who was removed, and may come back, what removed it is lifted.</summary>
    public StatementId GrantRole(UserId user, Role role, TimeSpan now)
    {
        _now = now;
        RequireOffice();
        if (role is not (Role.Admin or Role.Guest)) { throw Invalid("Roles to grant are admin and guest; ownership is transferred."); }
        if (user == State.Owner) { throw Invalid("The owner needs no other role."); }
        var bans = State.Facts.Bans.Values.Where(ban => ban.User == user && ban.LiftedBy.IsEmpty).Select(static ban => ban.Id).Take(StatementBody.MaxLifts);
        return Act(new StatementBody.GrantRole(user, role, [.. bans]), now);
    }

    /// <summary>
    /// Takes an office, a grant or a delegation away, by the statement that gave it. Nodes it has let in stay if they are known here; what it
    /// signs from now on lets nobody in.
    /// </summary>
    public StatementId RevokeGrant(StatementId given, TimeSpan now)
    {
        _now = now;
        RequireOffice();
        if (State.GiverOf(given) is { } giver && !MyPlace.MayTakeBack(giver)) { throw NotAllowed("Somebody more senior gave this: ask the owner."); }
        var admitted = _roster.Certificates.Where(certificate => certificate.Authority == given).Select(static certificate => certificate.Id).ToArray();
        return Act(new StatementBody.Revoke(RevokeKind.Grant, given, default, Keeping(given, admitted)), now);
    }

    /// <summary>Lets a key of a service admit nodes.</summary>
    public StatementId Delegate(NodeId key, SubClusterId subCluster, ulong until, TimeSpan now)
    {
        _now = now;
        RequireOffice();
        return Act(new StatementBody.Delegate(key, subCluster, until), now);
    }

    /// <summary>Lets a user, or a role, use resources.</summary>
    public StatementId GrantResource(ResourceGrant grant, TimeSpan now)
    {
        _now = now;
        RequireOffice();
        return Act(new StatementBody.GrantResource(grant.Encode()), now);
    }

    public StatementId SetPolicy(Policy policy, TimeSpan now)
    {
        _now = now;
        RequireOffice();
        var bytes = policy.Encode();
        if (bytes.Length > StatementBody.MaxContent) { throw Invalid($"A policy has at most {StatementBody.MaxContent} bytes; this one has {bytes.Length}."); }
        return Act(new StatementBody.SetPolicy(bytes), now);
    }

    /// <summary>Calls a node something else; an empty name is the one of its certificate.</summary>
    public StatementId Rename(NodeId node, string name, TimeSpan now)
    {
        _now = now;
        RequireMayTouch(node, "rename");
        if (!WireFields.Fits(name, StatementBody.MaxName)) { throw Invalid($"A name has at most {StatementBody.MaxName} bytes."); }
        return Act(new StatementBody.Rename(node, name), now);
    }

    public StatementId MoveToSubCluster(NodeId node, SubClusterId subCluster, TimeSpan now)
    {
        _now = now;
        RequireMayTouch(node, "move");
        if (subCluster.IsDefault) { throw Invalid("A node belongs to a sub-cluster."); }
        return Act(new StatementBody.MoveNode(node, subCluster), now);
    }

    public StatementId SetControlPlanes(IReadOnlyList<ControlPlaneEntry> controlPlanes, TimeSpan now)
    {
        _now = now;
        RequireOffice();
        if (controlPlanes.Count > StatementBody.MaxControlPlanes) { throw Invalid($"A network has at most {StatementBody.MaxControlPlanes} control planes."); }
        return Act(new StatementBody.SetControlPlanes([.. controlPlanes]), now);
    }

    /// <summary>What the new owner has to sign before <see cref="TransferOwnership"/>; any other statement of ours makes it void.</summary>
    public byte[] ConsentToOwn(IdentityKey newOwner) =>
        Consents.Sign(newOwner, Consents.Owner, Network, State.OwnerAuthority, Keys.User.Id, _log.TipOf(Keys.User.Id).Last);

    /// <summary>This node's user agrees to own the network: void as soon as the owner states anything else.</summary>
    public byte[] AgreeToOwn()
    {
        if (State.Owner is not { } owner || owner == Keys.UserId) { throw Invalid("The user of this node owns the network already."); }
        return Consents.Sign(Keys.User, Consents.Owner, Network, State.OwnerAuthority, owner.Key, _log.TipOf(owner.Key).Last);
    }

    /// <summary>Hands the network over. The recovery key stays with whoever has it unless another is named.</summary>
    /// <param name="newOwner">Who owns it from now on.</param>
    /// <param name="consent">The new owner's signature of <see cref="Consents"/>: of our office, our key, and the end of our chain.</param>
    /// <param name="recovery">The new owner's recovery key; none if the default.</param>
    /// <param name="now">The time.</param>
    public StatementId TransferOwnership(UserId newOwner, ReadOnlyMemory<byte> consent, NodeId recovery, TimeSpan now)
    {
        _now = now;
        RequireOwner("hand the network over");
        var signed = Consents.Bytes(Consents.Owner, Network, State.OwnerAuthority, Keys.User.Id, _log.TipOf(Keys.User.Id).Last);
        if (!newOwner.Key.Verify(signed, consent.Span)) { throw Invalid("The new owner has not agreed, or this user has stated something since: ask for consent again."); }
        return Act(new StatementBody.Transfer(newOwner, consent, recovery, null, StatementKeep.All), now);
    }

    /// <summary>Names another recovery key, or none.</summary>
    /// <param name="next">The key; none if the default.</param>
    /// <param name="retiring">The key on record, which gives up its power; null where it goes on to hold, and comes first.</param>
    /// <param name="now">The time.</param>
    public StatementId SetRecovery(NodeId next, IdentityKey? retiring, TimeSpan now)
    {
        _now = now;
        RequireOwner("name a recovery key");
        if (retiring is null) { return Act(new StatementBody.SetRecovery(next, null), now); }
        var naming = State.Recovery;
        if (naming.Key != retiring.Id) { throw NotAllowed("This is not the recovery key on record."); }
        return Act(new StatementBody.SetRecovery(next, Retirement.Sign(retiring, naming.By, Network, Keys.User.Id, _log.TipOf(Keys.User.Id).Last)), now);
    }

    /// <summary>
    /// Names another owner with a recovery key, on any node. With the key on record what the owner did so far, as far as it is known here, stays; with an older one that has not given up
    /// its power, what the owner did before another was named.
    /// </summary>
    public StatementId Recover(IdentityKey recovery, UserId newOwner, NodeId nextRecovery, TimeSpan now)
    {
        _now = now;
        if (State.Owner is not { } owner || CutFor(recovery.Id, owner) is not var (naming, cut)) { throw NotAllowed("This is no recovery key of the network, or it holds no more."); }
        return Act(new(recovery, _log), new StatementBody.Recover(State.OwnerAuthority, cut, newOwner, nextRecovery, StatementKeep.All), naming, now);
    }

    // Who names a key, and how far the owner is believed: up to where another is named, which a thief of the owner's key may have done (DESIGN.md, recoveries).
    private (StatementId Naming, Cut Cut)? CutFor(NodeId key, UserId owner)
    {
        var namings = State.Facts.Epochs[^1].Namings;
        var which = namings.Length - 1;
        while (which >= 0 && (namings[which].Key != key || namings[which].IsRetired)) { which--; }
        if (which < 0) { return null; }
        var cut = _log.TipOf(owner.Key);
        if (which == namings.Length - 1) { return (namings[which].By, cut); }
        var count = namings[which + 1].Position - 1;
        while (cut.Count > count)
        {
            if (_log.Find(cut.Last) is not { } last) { return null; } // forgotten with a snapshot
            cut = new(cut.Count - 1, last.Previous);
        }
        return (namings[which].By, cut);
    }

    /// <summary>Goes on with another key for the user of this node. Other nodes of the user join anew.</summary>
    public StatementId RotateUserKey(IdentityKey next, TimeSpan now)
    {
        _now = now;
        RequireOffice();
        var (authority, previous) = (State.AuthorityOf(Keys.UserId)!.Value, _log.TipOf(Keys.User.Id).Last);
        StatementBody body = State.Owner == Keys.UserId
            ? new StatementBody.Transfer(new(next.Id), Consents.Sign(next, Consents.Owner, Network, authority, Keys.User.Id, previous), State.Recovery.Key, null, StatementKeep.All)
            : new StatementBody.RotateKey(next.Id, Consents.Sign(next, Consents.Rotation, Network, authority, Keys.User.Id, previous));
        var statement = MakeStatement(body);
        Keys = Keys with { User = next };
        // Where somebody more senior signed the certificate this one changes nothing: then the rotation itself says whose node it is.
        var admission = Certificate.Admission with { User = Keys.UserId, Consent = NodeCertificate.Consent(next, Network, Self) };
        _roster.Add(Sign(admission));
        KeepSelf();
        Finish();
        return statement.Id;
    }

    /// <summary>States a snapshot and forgets what it stands for.</summary>
    public void Compact(TimeSpan now)
    {
        _now = now;
        RequireOwner("state a snapshot");
        IReadOnlyList<StatementBody> parts;
        try { parts = _log.MakeSnapshot(); }
        catch (InvalidOperationException exception) { throw new MembershipException(MembershipError.NoRoom, exception.Message, exception); }
        foreach (var part in parts) { MakeStatement(part); }
        TakeLogEvents();
        Forget();
        Finish();
    }

    // More than one statement holds go before: they revoke nothing, so that no node falls between two of them.
    private StatementKeep Keeping(StatementId subject, StatementId[] certificates)
    {
        var lists = certificates.Chunk(StatementKeep.MaxListed).ToArray();
        foreach (var list in lists.SkipLast(1)) { MakeStatement(new StatementBody.Revoke(RevokeKind.Keep, subject, default, StatementKeep.Only(list))); }
        return StatementKeep.Only(lists.Length > 0 ? lists[^1] : []);
    }

    private static readonly TimeSpan DiscoveryChange = TimeSpan.FromSeconds(2);

    // Chosen: so many may be in office that not all shall change the key at once.
    private static readonly TimeSpan OthersChange = TimeSpan.FromSeconds(30);

    private TimeSpan? _newDiscoveryAt;

    private StatementId Act(StatementBody body, TimeSpan now) => Act(new(Keys.User, _log), body, State.AuthorityOf(Keys.UserId) ?? default, now);

    private StatementId Act(StatementAuthor author, StatementBody body, StatementId authority, TimeSpan now)
    {
        _now = now;
        var statement = MakeStatement(author, body, authority);
        var reason = _log.ReasonOf(statement.Id);
        Finish();
        return reason is null or VoidReason.None
            ? statement.Id
            : throw new MembershipException(MembershipError.NoEffect, $"{body.Type} was stated and has no effect: {reason}.");
    }

    private Statement MakeStatement(StatementBody body) => MakeStatement(new(Keys.User, _log), body, State.AuthorityOf(Keys.UserId) ?? default);

    private Statement MakeStatement(StatementAuthor author, StatementBody body, StatementId authority)
    {
        // What others have and this node does not know would be stated twice in one place, which counts as cheating.
        if (_tip.Key == Keys.User.Id && _log.TipOf(Keys.User.Id).Count < _tip.Count)
        {
            throw new MembershipException(
                MembershipError.Behind, "This node kept its keys only, and has not heard yet what its user has stated before: it can when it has met another member.");
        }
        try
        {
            var statement = author.State(body, SigningTime, authority);
            _sync.HoldBack(statement.Id);
            return statement;
        }
        catch (ArgumentException exception) { throw new MembershipException(MembershipError.Invalid, exception.Message, exception); }
        catch (InvalidOperationException exception) { throw new MembershipException(MembershipError.NoRoom, exception.Message, exception); }
    }

    // Whoever was removed shall not know the others on a LAN any more. It hears nothing after its removal; all others have heard of it by then.
    private void ChangeDiscoverySoon() => _newDiscoveryAt = _now + DiscoveryChange;

    // Who removed somebody sees to it at once. It may be gone by then, or have no office any more, or be a service that knows no key: then any other in office does.
    private void WatchDiscovery()
    {
        if (_newDiscoveryAt is not null || !IsDiscoveryKnownToRemoved) { return; }
        Span<byte> dice = stackalloc byte[1];
        _host.Random.Fill(dice);
        _newDiscoveryAt = _now + OthersChange + (OthersChange * (dice[0] / 256.0));
    }

    private bool IsDiscoveryKnownToRemoved =>
        !_isRemoved && State.Revoked != (State.Discovery?.Revoked ?? default) && State.AuthorityOf(Keys.UserId) is not null && Discovery is not null;

    private void ChangeDiscovery()
    {
        _newDiscoveryAt = null;
        if (!IsDiscoveryKnownToRemoved) { return; }
        var key = new byte[DiscoveryKey.Size];
        _host.Random.Fill(key);
        // Without room for it the old key stays.
        try { MakeStatement(new StatementBody.SetDiscovery(key, State.Revoked)); }
        catch (MembershipException exception) { MemberLog.DiscoveryUnchanged(_logger, exception); }
    }

    private void RequireOffice()
    {
        if (_isRemoved) { throw new MembershipException(MembershipError.Removed, "This node was removed from the network: join again."); }
        if (State.AuthorityOf(Keys.UserId) is null) { throw NotAllowed("The user of this node is no admin: ask the owner for that role."); }
    }

    private void RequireOwner(string what)
    {
        RequireOffice();
        if (State.Owner != Keys.UserId) { throw NotAllowed($"Only the owner may {what}."); }
    }

    // Devices and the owner's nodes are the owner's to touch.
    private void RequireMayTouch(NodeId node, string what)
    {
        RequireOffice();
        if (State.Owner == Keys.UserId || _roster.Find(node) is not { } certificate) { return; }
        if (certificate.Admission.IsDevice || certificate.User == State.Owner) { throw NotAllowed($"Only the owner may {what} devices and nodes of the owner's."); }
    }

    private bool IsJunior(UserId user) => State.Admins.Where(tenure => tenure.Key == user.Key).All(tenure => MyPlace.IsSeniorTo(tenure.Place));

    // Of a user in office.
    private Place MyPlace => State.Owner == Keys.UserId ? Place.Owner : State.Admins.First(tenure => tenure.Key == Keys.User.Id).Place;

    private static MembershipException NotAllowed(string message) => new(MembershipError.NotAllowed, message);

    private static MembershipException Invalid(string message) => new(MembershipError.Invalid, message);
}
