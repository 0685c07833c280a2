namespace Coco.Tunnels;

/// <summary>What a tunnel meets where it ends.</summary>
public enum TunnelKind
{
    /// <summary>A TCP port.</summary>
    Tcp,

    /// <summary>A UDP port.</summary>
    Udp,

    /// <summary>A Unix domain socket that carries a stream.</summary>
    Unix,

    /// <summary>The TCP port of an RTSP server, a camera for example. The media that a player asks for as datagrams go through the tunnel beside the connection,
    /// at ports that the ends choose for it (RFC 2326, RFC 7826). A local end is a TCP port.</summary>
    Rtsp,
}
