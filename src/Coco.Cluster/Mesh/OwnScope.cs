using Coco.Cluster.Graph;

namespace Coco.Cluster.Mesh;

/// <summary>A scope the node takes part in, and what it says of itself there.</summary>
internal sealed class OwnScope(ScopeId scope, byte index, bool speaks)
{
    public ScopeId Scope { get; } = scope;

    public byte Index { get; } = index;

    /// <summary>Whether the node advertises itself here, or only listens, as members of a sub-cluster do in the core.</summary>
    public bool Speaks { get; } = speaks;

    public Advertisement? Published { get; set; }

    /// <summary>How often somebody said with our key what we never said.</summary>
    public int Outdone { get; set; }

    public TimeSpan PublishedAt { get; set; }

    public TimeSpan Interval { get; set; }

    /// <summary>When the first change was seen that is not advertised yet.</summary>
    public TimeSpan? ChangedAt { get; set; }

    public TimeSpan LastChangeAt { get; set; }

    public TimeSpan PublishAt { get; set; } = TimeSpan.MaxValue;

    /// <summary>Since when others should keep the sub-cluster instead of us.</summary>
    public TimeSpan? SurplusSince { get; set; }
}
