namespace Coco.Lab.Kernel;

/// <summary>What a home's router is like, beside its kind of NAT.</summary>
public sealed record HomeOptions
{
    /// <summary>The carrier's NAT the home is behind; null for the internet itself.</summary>
    public KernelRouter? Behind { get; init; }

    /// <summary>N of the home's network 192.168.N.0/24, from 0 to 255; null for one that no other home has.</summary>
    public int? Network { get; init; }

    /// <summary>Whether hosts inside reach each other by outer addresses (RFC 4787 §6). Not for every kind.</summary>
    public bool Hairpin { get; init; }

    /// <summary>
    /// Whether the router takes packets nobody asked for as for itself, instead of dropping them: such a packet then occupies its
    /// address and port, and the inner host's own packets to its sender leave from another port.
    /// </summary>
    public bool AcceptsUnsolicited { get; init; }

    /// <summary>How long a mapping lives that was never answered, in whole seconds, default 30.</summary>
    public TimeSpan UdpTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a mapping in use lives, in whole seconds, default 120. The kernel takes it for flows older than 2 s.</summary>
    public TimeSpan UdpStreamTimeout { get; init; } = TimeSpan.FromSeconds(120);

    public Obstacles Obstacles { get; init; }

    /// <summary>Whether the home has IPv4 at all.</summary>
    public bool Ipv4 { get; init; } = true;

    public Ipv6Access Ipv6 { get; init; }

    /// <summary>The line to the internet or the carrier.</summary>
    public LineConditions Line { get; init; } = new();
}
