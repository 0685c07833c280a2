namespace Coco.Traversal.Finding;

/// <summary>What the search for a direct path does at the moment.</summary>
internal enum SearchStage : byte
{
    /// <summary>The peer's candidates are not here yet.</summary>
    Waiting,

    /// <summary>Both send to all addresses of each other.</summary>
    Punching,

    /// <summary>Many sockets on one side, random ports tried from the other.</summary>
    Birthday,

    /// <summary>Both connect by TCP.</summary>
    Tcp,

    /// <summary>Nothing until a retry or a change.</summary>
    Resting,
}
