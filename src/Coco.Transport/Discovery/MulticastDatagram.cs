namespace Coco.Transport.Discovery;

/// <summary>A datagram to the group of a family on an interface.</summary>
internal readonly record struct MulticastDatagram(int InterfaceIndex, bool IsIpv6, ReadOnlyMemory<byte> Payload);
