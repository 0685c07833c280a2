namespace Coco.Transport.Udp;

/// <summary>How packets reach the kernel.</summary>
internal enum UdpOffload
{
    /// <summary>The fastest way this system allows: on Linux many packets a call (UDP_SEGMENT, UDP_GRO).</summary>
    Auto,

    /// <summary>The same system calls, one packet each.</summary>
    Off,

    /// <summary>.NET's own sockets, one packet a call, without ECN. What systems other than Linux use.</summary>
    Portable,
}
