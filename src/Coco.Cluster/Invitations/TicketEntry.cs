namespace Coco.Cluster.Invitations;

/// <summary>A ticket in the sponsor's memory: its record as it will be, and whether that is on disk yet.</summary>
internal sealed class TicketEntry(TicketRecord record)
{
    public TicketRecord Record { get; set; } = record;

    /// <summary>What is on disk; null while nothing is.</summary>
    public TicketRecord? Durable { get; set; }

    /// <summary>The number of the write under way; 0 when <see cref="Record"/> is on disk.</summary>
    public ulong Writing { get; set; }

    /// <summary>The ticket to hand out when its first record is on disk.</summary>
    public Ticket? Unannounced { get; set; }

    public TokenBucket WrongProofs;

    public bool IsUsedBy(Coco.Crypto.NodeId node, UserId user) => Record.State is TicketState.Used && Record.Node == node && Record.User == user;
}
