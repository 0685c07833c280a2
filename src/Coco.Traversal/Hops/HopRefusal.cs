namespace Coco.Traversal.Hops;

/// <summary>Why a session through the mesh was not opened. Numbers are those on the wire; unknown ones mean what <see cref="Busy"/> means.</summary>
internal enum HopRefusal : ulong
{
    /// <summary>No way to the target is known, or none that is not the way back.</summary>
    NoRoute = 1,

    /// <summary>This node does not forward, or not for those.</summary>
    Policy = 2,

    /// <summary>As many sessions as are taken, or asked for too often.</summary>
    Busy = 3,

    /// <summary>The way has more links than it may have.</summary>
    TooFar = 4,

    /// <summary>The way comes back to a node on it.</summary>
    Loop = 5,

    /// <summary>A node behind did not answer in time, or its link ended meanwhile.</summary>
    NoAnswer = 6,

    /// <summary>Not, or not yet, a neighbour that is trusted.</summary>
    NotNeighbour = 7,
}
