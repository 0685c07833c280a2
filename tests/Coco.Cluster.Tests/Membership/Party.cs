using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Membership;

/// <summary>Somebody with a key and a log of what they have heard.</summary>
internal sealed class Party
{
    private readonly StatementAuthor _author;

    public Party(int number, MembershipOptions? options = null)
    {
        (Number, Log) = (number, new(Samples.Network, options ?? new()));
        _author = new(Samples.Key(number), Log);
    }

    public int Number { get; }

    public MembershipLog Log { get; }

    public UserId User => Samples.User(Number);

    public NodeId Id => Samples.Key(Number).Id;

    public NetworkState State => Log.State;

    /// <summary>The owner is 1, the recovery key 2.</summary>
    public static Statement Beginning { get; } = StatementAuthor.Create(
        Samples.Key(0), new(Samples.User(1), Samples.Key(2).Id, "home", NetworkProfile.Private, default), 1);

    public static Party Knowing(int number, params Party[] others)
    {
        var party = new Party(number, new() { MaxBranches = 1024 });
        party.Log.Add(Beginning);
        foreach (var other in others) { party.Hear(other); }
        return party;
    }

    public Statement Says(StatementBody body) => _author.State(body, 1);

    public Statement Says(StatementBody body, StatementId authority) => _author.State(body, 1, authority);

    /// <summary>The next statement of the chain, for the log to refuse or not.</summary>
    public Statement Signs(StatementBody body, StatementId authority)
    {
        var tip = Log.TipOf(Id);
        return Statement.Sign(Samples.Key(Number), Samples.Network, tip.Count, tip.Last, authority, Log.SeenBy(Id), 1, body);
    }

    public Statement MakesAdmin(Party user, params StatementId[] lifts) => Says(new StatementBody.GrantRole(user.User, Role.Admin, [.. lifts]));

    public Statement RevokesUser(Party user, Cut? cut = null, Keep? keep = null) => Says(new StatementBody.Revoke(
        RevokeKind.User, StatementBody.Revoke.SubjectOf(user.Id), cut ?? Log.TipOf(user.Id), keep ?? Keep.None));

    public Statement RevokesGrant(Statement grant, Cut cut = default, Keep? keep = null) =>
        Says(new StatementBody.Revoke(RevokeKind.Grant, grant.Id, cut, keep ?? Keep.None));

    public Statement RevokesNode(NodeId node) => Says(new StatementBody.Revoke(RevokeKind.Node, StatementBody.Revoke.SubjectOf(node), default, Keep.None));

    public Statement SetsPolicy(byte policy) => Says(new StatementBody.SetPolicy(new[] { policy }));

    public Statement TransfersTo(Party next, Party? recovery = null, Keep? keep = null)
    {
        var (previous, authority) = (Log.TipOf(Id).Last, State.OwnerAuthority);
        var consent = Consents.Sign(Samples.Key(next.Number), Consents.Owner, Samples.Network, authority, Id, previous);
        var retires = recovery is null ? null : Retirement.Sign(Samples.Key(recovery.Number), State.Recovery.By, Samples.Network, Id, previous);
        return Says(new StatementBody.Transfer(next.User, consent, default, retires, keep ?? Keep.All));
    }

    /// <summary>As the holder of a recovery key.</summary>
    public Statement Recovers(StatementId epoch, Cut cut, Party next, StatementId naming, NodeId recovery = default) =>
        Says(new StatementBody.Recover(epoch, cut, next.User, recovery, Keep.None), naming);

    /// <summary>Both end up knowing what either knew.</summary>
    public void Meets(Party other)
    {
        // A round in which nothing could be added still says what is wanted.
        for (var vain = 0; vain < 2;) { vain = Hear(other) + other.Hear(this) > 0 ? 0 : vain + 1; }
    }

    public int Hear(Party other)
    {
        var added = 0;
        foreach (var statement in other.Log.CollectMissing(Log.Heads, Log.Wanted(64), int.MaxValue))
        {
            if (Log.Add(statement).Outcome is StatementOutcome.Added) { added++; }
        }
        return added;
    }
}
