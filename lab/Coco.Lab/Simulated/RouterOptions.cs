using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>What a simulated router does to packets. The defaults are those of a plain Linux router.</summary>
internal sealed record RouterOptions
{
    /// <summary>For IPv4. IPv6 is never translated.</summary>
    public NatMapping Mapping { get; init; } = NatMapping.PortPreserving;

    public NatFiltering Filtering { get; init; } = NatFiltering.AddressAndPortDependent;

    /// <summary>Filtering for IPv6, where the router is a stateful firewall.</summary>
    public NatFiltering Ipv6Filtering { get; init; } = NatFiltering.AddressAndPortDependent;

    /// <summary>Whether hosts inside reach each other over the outer address.</summary>
    public bool Hairpins { get; init; }

    /// <summary>Whether the router itself takes packets to ports that lead to nobody. Each then occupies its flow, and the inner host
    /// that wanted it gets another port.</summary>
    public bool AcceptsUnsolicited { get; init; }

    /// <summary>A UDP flow lives as long without packets, while nothing has come back or it is younger than two seconds.</summary>
    public TimeSpan UnrepliedTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A UDP flow that went both ways lives as long without packets; so does an endpoint's mapping without packets from inside.</summary>
    public TimeSpan StreamTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The same for TCP connections.</summary>
    public TimeSpan TcpTimeout { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Outer ports of one inner host at most, as carriers ration them.</summary>
    public int MaxPortsOfHost { get; init; } = int.MaxValue;

    /// <summary>Flows of everybody at most.</summary>
    public int MaxFlows { get; init; } = 262_144;

    public bool BlocksUdp { get; init; }

    /// <summary>To which ports TCP connections may be opened from inside; null for all.</summary>
    public IReadOnlyList<int>? TcpPorts { get; init; }

    /// <summary>Whether a connection to another port is refused at once, or silently.</summary>
    public bool ResetsTcp { get; init; } = true;

    /// <summary>Where every TCP connection from inside ends up, whatever it was meant for: a captive portal.</summary>
    public NetworkAddress? TcpPortal { get; init; }

    /// <summary>UDP datagrams that begin with such a byte are dropped, both ways.</summary>
    public Func<byte, bool>? DropsFirstByte { get; init; }
}
