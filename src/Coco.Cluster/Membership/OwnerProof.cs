using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>
/// Statements that lead from the root to an owner, each signed by whom the one before put in place, and a snapshot that owner signed. It
/// shows that this was an owner, not that it still is: whoever has more statements knows better. All that the snapshot says of owners and of who
/// may recover the network is shown by other statements: a thief of the owner's key could otherwise have newcomers believe that a recovery key
/// has retired, or was never named.
/// </summary>
internal sealed class OwnerProof
{
    private OwnerProof(NetworkFacts facts, byte[] bytes) => (Facts, Bytes) = (facts, bytes);

    public NetworkFacts Facts { get; }

    public byte[] Bytes { get; }

    public static OwnerProof? Verify(NetworkId network, IReadOnlyList<Statement> statements)
    {
        var shown = statements.DistinctBy(static statement => statement.Id).ToDictionary(static statement => statement.Id);
        Statement[] parts = [.. shown.Values.Where(static statement => statement.Body is StatementBody.SnapshotPart)];
        var pieces = Array.ConvertAll(parts, static part => (StatementBody.SnapshotPart)part.Body);
        byte[] bytes = [.. pieces.OrderBy(static piece => piece.Index).SelectMany(static piece => piece.Bytes.ToArray())];
        if (pieces.Length == 0 || Array.Exists(pieces, piece => piece.Digest != StatementId.Of(bytes)) || NetworkFacts.ReadSnapshot(bytes) is not { } facts) { return null; }
        for (var i = 0; i < facts.Epochs.Count; i++)
        {
            if (!IsShown(network, shown, facts.Epochs[i], i == 0 ? null : facts.Epochs[i - 1])) { return null; }
        }
        var last = facts.Epochs[^1];
        return Array.TrueForAll(parts, part => IsBy(part, last)) ? new(facts, bytes) : null;
    }

    /// <summary>Whether a recovery key gives up its power in what an owner stated, on whatever branch.</summary>
    public static bool Retires(Statement statement, Epoch epoch, RecoveryNaming naming) =>
        Retirement.In(statement.Body) is { } retirement && IsBy(statement, epoch) && statement.IsAgreed && retirement.Key == naming.Key && retirement.Naming == naming.By;

    private static bool IsBy(Statement statement, Epoch epoch) => statement.Issuer == epoch.Owner.Key && statement.Authority == epoch.Id;

    private static bool IsShown(NetworkId network, Dictionary<StatementId, Statement> shown, Epoch epoch, Epoch? before)
    {
        if (!shown.TryGetValue(epoch.Id, out var opening) || Opened(network, opening, before) is not var (owner, recovery, recovered)) { return false; }
        if (owner != epoch.Owner || recovered != epoch.Recovered) { return false; }
        var position = 0UL;
        for (var i = 0; i < epoch.Namings.Length; i++)
        {
            var naming = epoch.Namings[i];
            var isNamed = i == 0
                ? naming.Key == recovery && naming.By == epoch.Id && naming.Position == 0
                : shown.TryGetValue(naming.By, out var named) && named.Body is StatementBody.SetRecovery set && IsBy(named, epoch) && named.IsAgreed
                    && naming.Key == set.Recovery && naming.Position == named.Sequence + 1 && naming.Position > position;
            if (!isNamed || naming.IsRetired != shown.Values.Any(statement => Retires(statement, epoch, naming))) { return false; }
            position = naming.Position;
        }
        return true;
    }

    // Whom a statement puts in office after the epoch before; null where it does not.
    private static (UserId Owner, NodeId Recovery, RecoveryRank? Recovered)? Opened(NetworkId network, Statement opening, Epoch? before)
    {
        switch (opening.Body)
        {
            case StatementBody.CreateNetwork create when before is null && opening.Issuer == network.Key:
                return (create.Owner, create.Recovery, null);
            case StatementBody.Transfer transfer when before is not null && IsBy(opening, before) && opening.IsAgreed:
                return (transfer.NewOwner, transfer.Recovery, null);
            case StatementBody.Recover recover when recover.Epoch == before?.Id && before.Find(opening.Issuer, opening.Authority) is { IsRetired: false } naming:
                return (recover.NewOwner, recover.Recovery, new(naming.Position, opening.Sequence, opening.Id));
            default:
                return null;
        }
    }
}
