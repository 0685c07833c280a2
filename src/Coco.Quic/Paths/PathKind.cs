namespace Coco.Quic.Paths;

/// <summary>What lies below a path.</summary>
public enum PathKind : byte
{
    /// <summary>Datagrams that may be lost, reordered or duplicated: UDP, directly or through a relay.</summary>
    Datagram,

    /// <summary>A reliable byte stream that carries whole packets in order (TCP, WebSocket): its size limit is known, so there is
    /// nothing to probe for, and congestion marks do not reach us.</summary>
    Reliable,
}
