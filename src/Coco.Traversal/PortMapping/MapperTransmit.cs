namespace Coco.Traversal.PortMapping;

/// <summary>A datagram to send from a socket bound to <paramref name="Local"/>.</summary>
/// <param name="Local">Our address, port 0.</param>
/// <param name="Remote">Where to; a group for SSDP.</param>
/// <param name="Payload">The datagram.</param>
internal readonly record struct MapperTransmit(NetworkAddress Local, NetworkAddress Remote, byte[] Payload);
