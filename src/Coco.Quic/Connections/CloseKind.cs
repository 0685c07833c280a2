namespace Coco.Quic.Connections;

/// <summary>Who or what ended a connection.</summary>
public enum CloseKind : byte
{
    /// <summary>This side's application.</summary>
    LocalApplication,

    /// <summary>This side's transport: the peer broke the protocol.</summary>
    LocalTransport,

    /// <summary>The peer's application.</summary>
    PeerApplication,

    /// <summary>The peer's transport.</summary>
    PeerTransport,

    /// <summary>Silence for longer than the idle timeout (RFC 9000 §10.1).</summary>
    IdleTimeout,

    /// <summary>The handshake took too long.</summary>
    HandshakeTimeout,

    /// <summary>The peer has lost the connection's state (RFC 9000 §10.3).</summary>
    StatelessReset,

    /// <summary>The peer speaks no version of QUIC that we do (RFC 9000 §6.2).</summary>
    VersionNegotiation,

    /// <summary>A stranger asked for an identity that is not here; it got no answer.</summary>
    SilentRefusal,
}
