namespace Coco.Traversal.Hops;

/// <summary>Why a session through the mesh ended. Numbers are those on the wire; unknown ones mean what <see cref="Closed"/> means.</summary>
internal enum HopCloseReason : ulong
{
    /// <summary>One of the ends has no use for it any more.</summary>
    Closed = 1,

    /// <summary>A link on the way has ended, or is none of a trusted neighbour's any more.</summary>
    LinkGone = 2,

    /// <summary>A neighbour on the way does not answer.</summary>
    Unreachable = 3,

    /// <summary>Nothing came for long.</summary>
    Idle = 4,

    /// <summary>A node on the way does not know it.</summary>
    Unknown = 5,
}
