namespace Coco.Cluster.Discovery;

/// <summary>A datagram for all who listen to multicast DNS on a link: 224.0.0.251 or ff02::fb, port 5353.</summary>
internal readonly record struct LanDatagram(int InterfaceIndex, bool IsIpv6, ReadOnlyMemory<byte> Payload);
