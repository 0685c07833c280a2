namespace Coco.Lab.Simulated;

/// <summary>What a simulated node listens on.</summary>
internal sealed record SimulatedNodeOptions
{
    /// <summary>The UDP port of both families, 0 for one that the system chooses.</summary>
    public int UdpPort { get; init; }

    public bool UsesIpv4 { get; init; } = true;

    public bool UsesIpv6 { get; init; } = true;

    /// <summary>Where TCP links are taken, 0 for nowhere.</summary>
    public int TcpPort { get; init; }

    /// <summary>Where WebSockets are taken, 0 for nowhere.</summary>
    public int WebSocketPort { get; init; }
}
