namespace Coco.Cluster.Graph;

/// <summary>What a node keeps of the graph, and how many links it asks for.</summary>
internal sealed record GraphOptions
{
    /// <summary>Nodes known at most, unreachable ones included. From 16 to 65,000, default 20,000.</summary>
    public int MaxNodes { get; init => field = Guard.InRange(value, 16, 65_000); } = 20_000;

    /// <summary>Members of a scope up to which all are linked with all. From 2 to 32, default 8.</summary>
    public int AllToAll { get; init => field = Guard.InRange(value, 2, 32); } = 8;

    /// <summary>Rings of a backbone or stationary node; each gives two links. From 1 to 8, default 3: a random graph of degree 6 stays
    /// connected when a third of its nodes vanish at once, and has a diameter of 5 at 1,000 nodes.</summary>
    public int Rings { get; init => field = Guard.InRange(value, 1, 8); } = 3;

    /// <summary>Rings of a portable node. From 1 to 8, default 1.</summary>
    public int PortableRings { get; init => field = Guard.InRange(value, 1, 8); } = 1;

    /// <summary>Links beyond the rings that are kept because they are near. From 0 to 8, default 2.</summary>
    public int NearLinks { get; init => field = Guard.InRange(value, 0, 8); } = 2;

    /// <summary>Core nodes that keep a sub-cluster. From 1 to 8, default 3.</summary>
    public int Keepers { get; init => field = Guard.InRange(value, 1, 8); } = 3;

    /// <summary>Links a route may have. From 1 to 64, default 16.</summary>
    public int MaxHops { get; init => field = Guard.InRange(value, 1, 64); } = 16;
}
