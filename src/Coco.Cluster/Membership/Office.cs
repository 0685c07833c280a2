using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>A key that a statement gives something to say, before it is asked whether that statement counts.</summary>
internal readonly record struct Office(NodeId Key, int Distance)
{
    /// <summary>What an entry gives, and to whom. Guests and delegates have nothing to state.</summary>
    public static Office[] GivenBy(Entry entry) => entry.Body switch
    {
        StatementBody.CreateNetwork create => Owner(create.Owner, create.Recovery),
        StatementBody.Transfer transfer => Owner(transfer.NewOwner, transfer.Recovery),
        StatementBody.Recover recover => Owner(recover.NewOwner, recover.Recovery),
        StatementBody.SetRecovery { Recovery.IsDefault: false } set => [new(set.Recovery, 0)],
        StatementBody.GrantRole { Role: Role.Admin } grant => [new(grant.User.Key, entry.Distance + 1)],
        StatementBody.RotateKey rotate => [new(rotate.NewKey, entry.Distance)],
        _ => [],
    };

    private static Office[] Owner(UserId owner, NodeId recovery) => recovery.IsDefault ? [new(owner.Key, 0)] : [new(owner.Key, 0), new(recovery, 0)];
}
