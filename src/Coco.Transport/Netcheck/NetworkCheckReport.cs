using System.Net;
using Coco.Traversal.Links;
using Coco.Traversal.Stun;

namespace Coco.Transport.Netcheck;

/// <summary>A host's own situation, as far as those who were asked could tell.</summary>
public sealed record NetworkCheckReport
{
    /// <summary>The addresses of interfaces that are up, without loopback, those with a default route first.</summary>
    public IReadOnlyList<InterfaceAddress> Interfaces { get; init; } = [];

    /// <summary>The default routers, the preferred one first.</summary>
    public IReadOnlyList<IPAddress> DefaultRouters { get; init; } = [];

    /// <summary>The way to the internet over IPv4; null when nobody could be asked over it.</summary>
    public NatReport? Ipv4 { get; init; }

    /// <summary>The way to the internet over IPv6; null when nobody could be asked over it.</summary>
    public NatReport? Ipv6 { get; init; }

    /// <summary>What the default routers open on request; null when they were not to be asked.</summary>
    public PortMappingCheck? PortMapping { get; init; }

    /// <summary>The relays, in the order in which they were given.</summary>
    public IReadOnlyList<RelayCheck> Relays { get; init; } = [];

    /// <summary>What follows from all this, the most important first.</summary>
    public IReadOnlyList<NetworkFinding> Findings { get; init; } = [];

    /// <summary>Whether something works: somebody who was to be asked answered; or nobody was, and the host has an address.</summary>
    public bool Works { get; init; }

    /// <summary>How long the check took.</summary>
    public TimeSpan Duration { get; init; }
}
