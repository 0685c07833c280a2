namespace Coco.Quic.Connections;

/// <summary>Where a connection is in its life (RFC 9000 §10).</summary>
public enum ConnectionState : byte
{
    /// <summary>Before the handshake is complete.</summary>
    Handshaking,

    /// <summary>The peer is known and application data flows.</summary>
    Connected,

    /// <summary>We closed: the peer is told, and told again if it goes on sending (§10.2.1).</summary>
    Closing,

    /// <summary>The peer closed, or is gone: nothing is sent any more (§10.2.2).</summary>
    Draining,

    /// <summary>Over; all state is released.</summary>
    Closed,
}
