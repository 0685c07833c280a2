namespace Coco.Cluster.Members;

/// <summary>A transaction that the host has not answered, and what waits for it.</summary>
internal sealed class PendingWrite(ulong number)
{
    public ulong Number { get; } = number;

    public List<MemberRow> Rows { get; } = [];

    /// <summary>Statements of our own in it.</summary>
    public List<StatementId> Statements { get; } = [];

    /// <summary>Writes of the sponsor in it.</summary>
    public List<ulong> Tickets { get; } = [];

    /// <summary>Below which sequence numbers may be used; 0 when it says nothing of that.</summary>
    public ulong Sequence { get; set; }

    public bool IsEmpty => Rows.Count == 0 && Tickets.Count == 0 && Statements.Count == 0;

    /// <summary>Keeps the last that is said of a key.</summary>
    public void Put(MemberRow row)
    {
        Rows.RemoveAll(other => other.Table == row.Table && other.Key.Span.SequenceEqual(row.Key.Span));
        Rows.Add(row);
    }

    public bool Has(in MemberRow row)
    {
        foreach (var other in Rows)
        {
            if (other.Table == row.Table && other.Key.Span.SequenceEqual(row.Key.Span)) { return true; }
        }
        return false;
    }
}
