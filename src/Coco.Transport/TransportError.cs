namespace Coco.Transport;

/// <summary>What went wrong.</summary>
public enum TransportError
{
    /// <summary>Something unforeseen; the message tells.</summary>
    Unknown,

    /// <summary>The addresses to listen on are in use or not this machine's.</summary>
    AddressUnavailable,

    /// <summary>No way to the peer is known that can be used from here.</summary>
    NoRoute,

    /// <summary>The peer turned the connection away: it is busy, or it takes none.</summary>
    ConnectionRefused,

    /// <summary>Whoever answered could not prove the identity that was called, or speaks another protocol.</summary>
    HandshakeFailed,

    /// <summary>This side closed the connection, or gave up the stream.</summary>
    ClosedHere,

    /// <summary>The peer's application closed the connection.</summary>
    ClosedByPeer,

    /// <summary>The peer fell silent, or has lost the connection, as after a restart.</summary>
    ConnectionLost,

    /// <summary>One side broke the protocol.</summary>
    ProtocolViolation,

    /// <summary>The peer gave up sending on the stream.</summary>
    StreamReset,

    /// <summary>The peer takes no more on the stream.</summary>
    StreamStopped,

    /// <summary>More was asked of the endpoint at once than it takes.</summary>
    Overloaded,
}
