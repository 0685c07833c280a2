namespace Coco.Cluster.Graph;

/// <summary>The newest advertisement of a node in one scope, as one graph holds it.</summary>
internal sealed class GraphEntry(Advertisement advertisement, byte scope)
{
    public const ushort Unknown = ushort.MaxValue;

    public Advertisement Advertisement { get; set; } = advertisement;

    /// <summary>The index of the scope among those of the graph.</summary>
    public byte Scope { get; } = scope;

    /// <summary>Whether a neighbour in it has no slot yet.</summary>
    public bool Unresolved { get; set; } = true;

    /// <summary>The slots of the neighbours, in the order of the advertisement.</summary>
    public ushort[] Links { get; set; } = [];

    /// <summary>The same node in another scope.</summary>
    public GraphEntry? Next { get; set; }
}
