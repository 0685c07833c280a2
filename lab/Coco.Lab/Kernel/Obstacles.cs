namespace Coco.Lab.Kernel;

/// <summary>What a router, or the internet itself, does not let through.</summary>
[Flags]
public enum Obstacles
{
    None = 0,

    /// <summary>UDP vanishes.</summary>
    Udp = 1,

    /// <summary>UDP is answered with "administratively prohibited", which a connected socket hears about.</summary>
    UdpRejected = 2,

    /// <summary>Out of the home goes TCP to port 443 and nothing else; other connections are reset. Only for a router.</summary>
    AllButTcp443 = 4,

    /// <summary>UDP whose first byte is 0x40 or more, as every QUIC packet's is (RFC 9000 §17), vanishes.</summary>
    QuicLooking = 8,

    /// <summary>ICMP "too big" vanishes: a black hole for path MTU discovery where an MTU is small.</summary>
    TooBigMessages = 16,

    /// <summary>IPv4 vanishes, though hosts have addresses and routes of it.</summary>
    Ipv4 = 32,

    /// <summary>UDP on its way out vanishes, what comes in passes. Only for a router.</summary>
    UdpOut = 64,

    /// <summary>UDP on its way in vanishes, what goes out passes. Only for a router.</summary>
    UdpIn = 128,
}
