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
}
