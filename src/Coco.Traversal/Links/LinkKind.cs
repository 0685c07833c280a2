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
}
