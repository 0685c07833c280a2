namespace Coco.Cluster.Mesh;

/// <summary>What became of the graph.</summary>
internal enum MeshEventKind
{
    /// <summary>Nodes, links or routes changed.</summary>
    GraphChanged,

    /// <summary>There is a way to this node now.</summary>
    Reachable,

    /// <summary>There is no way to this node any more.</summary>
    Unreachable,

    /// <summary>Somebody else advertises with this node's key.</summary>
    CopySeen,
}
