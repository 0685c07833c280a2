namespace Coco.Traversal.Relays;

/// <summary>Why a relay dropped a datagram.</summary>
internal enum RelayDropReason
{
    /// <summary>Too short, too long, or no relayed datagram.</summary>
    Malformed,

    /// <summary>No session has that number.</summary>
    UnknownSession,

    /// <summary>The sender is beyond its rate.</summary>
    ClientRate,

    /// <summary>The sender used up its month.</summary>
    ClientMonth,

    /// <summary>The sender's network is beyond its rate.</summary>
    NetworkRate,

    /// <summary>The sender's network used up its month.</summary>
    NetworkMonth,
}
