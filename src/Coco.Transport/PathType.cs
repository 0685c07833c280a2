namespace Coco.Transport;

/// <summary>What a path is made of.</summary>
public enum PathType
{
    /// <summary>UDP straight to the peer.</summary>
    Udp,

    /// <summary>TCP straight to the peer.</summary>
    Tcp,

    /// <summary>Through a relay that is reached by UDP or TCP.</summary>
    Relay,

    /// <summary>Through a relay that is reached by a WebSocket over TLS.</summary>
    RelayWebSocket,

    /// <summary>Through other members of the mesh.</summary>
    Mesh,
}
