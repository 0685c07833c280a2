namespace Coco.Traversal.PortMapping;

/// <summary>A default router, and our address towards it.</summary>
/// <param name="Router">The router's address, port 0.</param>
/// <param name="Local">Our address on the same network, port 0. For IPv6 the global one that is to be reachable (RFC 6887 §16.4).</param>
/// <param name="PrefixLength">Bits of our address that name the network.</param>
internal readonly record struct PortGateway(NetworkAddress Router, NetworkAddress Local, int PrefixLength);
