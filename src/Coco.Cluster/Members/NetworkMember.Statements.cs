using Coco.Cluster.Certificates;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <content>What follows from statements that became known.</content>
internal sealed partial class NetworkMember
{
    private ulong _arrivals;

    /// <summary>The statements that make the network what it is here, each after what it depends on; without those that have no effect.</summary>
    public IReadOnlyList<Statement> EffectiveStatements =>
        [.. _log.CollectMissing([], [], int.MaxValue).Where(statement => _log.ReasonOf(statement.Id) is VoidReason.None or VoidReason.Unknown || statement.Body is StatementBody.SnapshotPart)];

    /// <summary>Where statements were forgotten for a snapshot, that snapshot and what shows that it is the owner's, with which a list of statements has to begin; else nothing.</summary>
    public IReadOnlyList<Statement> Package =>
        _log.IsCompacted ? [.. WelcomeStatements.Unpack(_log.WritePackage()).Select(signed => Statement.Read(signed.Span, Network, out _)).OfType<Statement>()] : [];

    private void TakeLogEvents(NodeId from = default)
    {
        var isChanged = _sync.TakeInstalled();
        var isOwnerNew = isChanged;
        if (isChanged) { KeepPackage(); }
        while (_log.TryTakeEvent(out var happened))
        {
            switch (happened)
            {
                case MembershipEvent.StatementAdded added: Learn(added.Statement, from); break;
                case MembershipEvent.StateChanged: isChanged = true; break;
                case MembershipEvent.Equivocation fork:
                    MemberLog.Equivocation(_logger, fork.Issuer, fork.One.Id, fork.Other.Id);
                    Happened(new MemberEvent.Equivocation(fork.Issuer));
                    break;
                case MembershipEvent.NodeRevoked revoked when _roster.Find(revoked.Node) is { } known && State.Check(known, bestTime: 0) is CertificateVerdict.Valid:
                    break; // it is a node of somebody more senior
                case MembershipEvent.NodeRevoked revoked:
                    MemberLog.NodeRemoved(_logger, revoked.Node);
                    Happened(new MemberEvent.NodeRemoved(revoked.Node));
                    break;
                case MembershipEvent.UserRevoked revoked:
                    MemberLog.UserRemoved(_logger, revoked.User);
                    Happened(new MemberEvent.UserRemoved(revoked.User));
                    break;
                case MembershipEvent.OwnerChanged changed:
                    MemberLog.OwnerChanged(_logger, Network, changed.Owner);
                    Happened(new MemberEvent.OwnerChanged(changed.Owner));
                    isOwnerNew = true;
                    break;
            }
        }
        if (!isChanged) { return; }
        KeepDiscovery();
        _time.HandleIssuersChanged();
        MembersChanged();
        if (isOwnerNew)
        {
            foreach (var peer in _peers.Values) { AskFormerOwners(peer); }
        }
        Happened(new MemberEvent.MembershipChanged());
    }

    private void Learn(Statement statement, NodeId from)
    {
        MemberLog.StatementAdded(_logger, statement);
        if (_log.ReasonOf(statement.Id) is { } reason and not VoidReason.None) { MemberLog.StatementVoid(_logger, statement, reason); }
        KeepStatement(statement);
        if (statement.Body is StatementBody.GrantResource) { _learnedAt[statement.Id] = _now; }
        HandleClaim(statement.Issuer, statement.Time, isLive: false);
        _sync.Tell(statement, from);
    }

    private void TakeStatements()
    {
        while (_sync.TryTake(out var to, out var type, out var body)) { SendFrame(to, type, body.Span); }
    }
}
