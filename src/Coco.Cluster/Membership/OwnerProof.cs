using Coco.Cluster.Statements;

namespace Coco.Cluster.Membership;

/// <summary>
/// Statements that lead from the root to an owner, each signed by whom the one before put in place, and a snapshot that owner signed. It
/// shows that this was an owner, not that it still is: whoever has more statements knows better.
/// </summary>
internal sealed class OwnerProof
{
    private OwnerProof(NetworkFacts facts, byte[] bytes) => (Facts, Bytes) = (facts, bytes);

    public NetworkFacts Facts { get; }

    public byte[] Bytes { get; }

    public static OwnerProof? Verify(NetworkId network, IReadOnlyList<Statement> statements)
    {
        if (statements[0] is not { Body: StatementBody.CreateNetwork create } first || first.Issuer != network.Key) { return null; }
        var line = new List<Link> { new(first.Id, create.Owner, [new(create.Recovery, first.Id, 0, false)]) };
        foreach (var statement in statements.Skip(1))
        {
            if (statement.Body is StatementBody.SnapshotPart) { break; }
            if (!TryFollow(line, statement)) { return null; }
        }
        return Snapshot(line, [.. statements.Where(static statement => statement.Body is StatementBody.SnapshotPart)]);
    }

    private static bool TryFollow(List<Link> line, Statement statement)
    {
        var last = line[^1];
        var isOwners = statement.Issuer == last.Owner.Key && statement.Authority == last.Id && statement.IsAgreed;
        switch (statement.Body)
        {
            case StatementBody.Transfer transfer when isOwners:
                line.Add(new(statement.Id, transfer.NewOwner, [new(transfer.Recovery, statement.Id, 0, false)]));
                return true;
            case StatementBody.SetRecovery set when isOwners:
                last.Namings.Add(new(set.Recovery, statement.Id, statement.Sequence + 1, false));
                return true;
            case StatementBody.Recover recover when recover.Epoch == last.Id
                && last.Namings.Exists(naming => naming.Key == statement.Issuer && naming.By == statement.Authority):
                line.Add(new(statement.Id, recover.NewOwner, [new(recover.Recovery, statement.Id, 0, false)]));
                return true;
            default:
                return false;
        }
    }

    private static OwnerProof? Snapshot(List<Link> line, List<Statement> parts)
    {
        var last = line[^1];
        if (parts.Count == 0 || parts.Exists(part => part.Issuer != last.Owner.Key || part.Authority != last.Id)) { return null; }
        var pieces = parts.ConvertAll(static part => (StatementBody.SnapshotPart)part.Body);
        byte[] bytes = [.. pieces.OrderBy(static piece => piece.Index).SelectMany(static piece => piece.Bytes.ToArray())];
        if (pieces.Exists(piece => piece.Digest != StatementId.Of(bytes)) || NetworkFacts.ReadSnapshot(bytes) is not { } facts) { return null; }
        // The snapshot tells the same line.
        return facts.Epochs.Select(static epoch => epoch.Id).SequenceEqual(line.Select(static link => link.Id)) ? new(facts, bytes) : null;
    }

    private sealed record Link(StatementId Id, UserId Owner, List<RecoveryNaming> Namings);
}
