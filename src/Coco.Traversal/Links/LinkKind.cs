namespace Coco.Traversal.Links;

/// <summary>What lies below a link.</summary>
public enum LinkKind : byte
{
    /// <summary>A UDP socket.</summary>
    Udp,

    /// <summary>A TCP connection that carries datagrams with a length in front (docs/wire.md).</summary>
    Tcp,

    /// <summary>A WebSocket over TLS: one binary message is one datagram.</summary>
    WebSocket,

    /// <summary>No link of the host's, but the connection to a neighbour that passes datagrams on, wherever that goes now: what is sent there
    /// leaves by a link of another kind.</summary>
    Hop,
}
