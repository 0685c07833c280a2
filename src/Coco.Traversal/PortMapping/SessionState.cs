namespace Coco.Traversal.PortMapping;

/// <summary>How far one protocol got with one router.</summary>
internal enum SessionState
{
    /// <summary>Asking.</summary>
    Trying,

    /// <summary>At least one mapping is there.</summary>
    Working,

    /// <summary>No answer, or a refusal.</summary>
    Failed,
}
