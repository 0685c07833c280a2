namespace Coco.Lab.Simulated;

/// <summary>The first byte of every message on a simulated TCP connection: what stands for framing, TLS, HTTP and WebSocket.</summary>
internal enum StreamMessage : byte
{
    /// <summary>A datagram.</summary>
    Data,

    /// <summary>To a proxy: HTTP CONNECT, with host and port.</summary>
    Connect,
    Connected,
    Refused,

    /// <summary>TLS's first flight, and the server's answer.</summary>
    Hello,
    HelloAnswer,

    /// <summary>The request to become a WebSocket, and the answer.</summary>
    Upgrade,
    Upgraded,

    /// <summary>The end, in order.</summary>
    Close,
}
