using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <summary>An advertisement we heard of and asked for.</summary>
internal sealed class Want
{
    public ulong Sequence { get; set; }

    public uint Check { get; set; }

    /// <summary>Whom we asked last.</summary>
    public NodeId Asked { get; set; }

    /// <summary>Who else has it.</summary>
    public NodeId Other { get; set; }

    /// <summary>When to ask, or ask again.</summary>
    public TimeSpan At { get; set; }
}
