namespace Coco.Cluster.Mesh;

/// <summary>A node we want a link to and have none.</summary>
internal sealed class Dial
{
    /// <summary>When to try, or, while trying, when to give up waiting for an answer.</summary>
    public TimeSpan At { get; set; }

    /// <summary>Since when the other end is expected to call, as both want the link; null where this end is the one to call.</summary>
    public TimeSpan? ExpectedSince { get; set; }

    public bool InProgress { get; set; }

    public int Failures { get; set; }

    /// <summary>Nobody knows yet where the node is: it is called once that is told.</summary>
    public bool LacksAddress { get; set; }

    /// <summary>Whether the rings still ask for it.</summary>
    public bool Wanted { get; set; }
}
