namespace Coco.Lab.Simulated;

/// <summary>What happened to a packet.</summary>
internal enum TraceVerb : byte
{
    Sent,
    Delivered,

    /// <summary>Bad luck on a cable.</summary>
    Lost,

    /// <summary>A cable is unplugged, blocked in this direction, or drops packets that look like this one.</summary>
    Blocked,

    /// <summary>More waits before a slow cable than its queue holds.</summary>
    QueueFull,

    TooBig,

    /// <summary>It passed as many routers as it was allowed to.</summary>
    HopLimit,

    /// <summary>A NAT or firewall that does not know it.</summary>
    Filtered,

    /// <summary>A NAT has no port or no memory left.</summary>
    Exhausted,

    NoRoute,

    /// <summary>Nobody listens at the port.</summary>
    NoSocket,
}
