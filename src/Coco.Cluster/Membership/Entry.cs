using Coco.Cluster.Statements;

namespace Coco.Cluster.Membership;

/// <summary>A statement in the log: everything it depends on is there too.</summary>
internal sealed class Entry(Statement statement, int distance)
{
    public Statement Statement { get; } = statement;

    public StatementId Id => Statement.Id;

    public ulong Sequence => Statement.Sequence;

    public StatementBody Body => Statement.Body;

    /// <summary>Appointments between the owner and the issuer's office.</summary>
    public int Distance { get; } = distance;

    public Cut AsCut => new(Sequence + 1, Id);

    public ChainHead AsHead => new(Statement.Issuer, Sequence, Id);
}
