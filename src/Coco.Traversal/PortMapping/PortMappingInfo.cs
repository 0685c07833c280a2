namespace Coco.Traversal.PortMapping;

/// <summary>A mapping that a router says it made. Nothing here is more than a candidate: only a probe that arrives proves it.</summary>
/// <param name="Protocol">How the router was asked.</param>
/// <param name="Transport">What the mapping carries.</param>
/// <param name="External">Where the router says it listens for us.</param>
/// <param name="InternalPort">Our port.</param>
/// <param name="Gateway">The router.</param>
/// <param name="Expiry">When it ends unless it is renewed; <see cref="TimeSpan.MaxValue"/> for never.</param>
/// <param name="IsSuspicious">The address is none that the internet at large can reach: behind another NAT, or a lie.</param>
internal sealed record PortMappingInfo(
    PortMappingProtocol Protocol, MappedTransport Transport, NetworkAddress External, int InternalPort, NetworkAddress Gateway, TimeSpan Expiry, bool IsSuspicious);
