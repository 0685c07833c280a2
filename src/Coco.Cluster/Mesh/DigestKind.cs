namespace Coco.Cluster.Mesh;

/// <summary>How closely a digest looks.</summary>
internal enum DigestKind : byte
{
    /// <summary>One sum of everything.</summary>
    Root = 0,

    /// <summary>A sum for each bucket.</summary>
    Buckets = 1,

    /// <summary>All that some buckets hold.</summary>
    Entries = 2,

    /// <summary>What just became known.</summary>
    News = 3,
}
