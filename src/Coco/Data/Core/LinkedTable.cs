namespace Coco.Data.Core;

/// <summary>How far this node and a peer are with one collection.</summary>
internal sealed class LinkedTable(DataTable table)
{
    public DataTable Table { get; } = table;

    /// <summary>Whether the peer holds it too.</summary>
    public bool IsShared { get; set; }

    /// <summary>When this node asks next whether both have the same.</summary>
    public TimeSpan NextSync { get; set; } = TimeSpan.MaxValue;

    /// <summary>What it waits then, should they not.</summary>
    public TimeSpan Pause { get; set; }

    /// <summary>Whether anything has changed at either since it last asked.</summary>
    public bool HasProgress { get; set; }

    /// <summary>What others wrote and the peer is to be told of.</summary>
    public List<EntryItem> Offers { get; } = [];
}
