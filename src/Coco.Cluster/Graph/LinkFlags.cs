namespace Coco.Cluster.Graph;

/// <summary>What a node says of one of its links.</summary>
[Flags]
internal enum LinkFlags : byte
{
    None = 0,

    /// <summary>This end holds on to the link although the rings do not ask for it.</summary>
    Held = 1,
}
