namespace Coco.Traversal.Relays;

/// <summary>Why a session ended. Numbers are those on the wire.</summary>
internal enum RelayCloseReason : ulong
{
    /// <summary>The other client closed it.</summary>
    Closed = 1,

    /// <summary>The other client's control connection ended.</summary>
    PeerGone = 2,

    /// <summary>It was idle and its place was needed.</summary>
    Evicted = 3,

    /// <summary>The relay stops.</summary>
    Draining = 4,

    /// <summary>Not on the wire: the connection to the relay ended.</summary>
    RelayGone = 1000,
}
