namespace Coco.Transport.Netcheck;

/// <summary>How a relay is reached, the best first.</summary>
public enum RelayTransport
{
    /// <summary>By UDP.</summary>
    Udp,

    /// <summary>By TCP.</summary>
    Tcp,

    /// <summary>By a WebSocket over TLS, on port 443 as a rule.</summary>
    WebSocket,
}
