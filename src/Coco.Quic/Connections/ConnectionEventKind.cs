namespace Coco.Quic.Connections;

/// <summary>What happened to a connection.</summary>
public enum ConnectionEventKind : byte
{
    /// <summary>The handshake is complete: the peer's identity is proved, data flows.</summary>
    Connected,

    /// <summary>The handshake is confirmed (RFC 9001 §4.1.2): migration and key update are allowed from now on.</summary>
    Confirmed,

    /// <summary>A path carries our packets to the peer and its answers back (RFC 9000 §8.2).</summary>
    PathValidated,

    /// <summary>A path did not answer in time; it is given up.</summary>
    PathFailed,

    /// <summary>The connection now sends on this path, by our will or the peer's.</summary>
    PathChanged,

    /// <summary>A datagram of ours was acknowledged.</summary>
    DatagramAcknowledged,

    /// <summary>A datagram of ours was lost; it is not sent again (RFC 9221 §5.2).</summary>
    DatagramLost,

    /// <summary>Datagrams wait to be received.</summary>
    DatagramReceived,

    /// <summary>A token for the next connection to this peer came (RFC 9000 §8.1.3).</summary>
    TokenReceived,

    /// <summary>The connection is over; see <see cref="QuicConnection.CloseReason"/>.</summary>
    Closed,
}
