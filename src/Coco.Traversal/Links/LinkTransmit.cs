using Coco.Quic.Congestion;

namespace Coco.Traversal.Links;

/// <summary>Datagrams that the host has to send: back to back, all of <paramref name="SegmentSize"/> bytes but the last.</summary>
/// <param name="Link">Where to.</param>
/// <param name="Length">Bytes in all.</param>
/// <param name="SegmentSize">Bytes of a datagram.</param>
/// <param name="Ecn">The mark they carry.</param>
/// <param name="HopLimit">Routers the datagrams may pass (IPv4 TTL, IPv6 hop limit); 0 for the system's default.</param>
/// <param name="IsMesh">Whether they are datagrams of others in the mesh that are passed on.</param>
public readonly record struct LinkTransmit(Link Link, int Length, int SegmentSize, EcnCodepoint Ecn = EcnCodepoint.NotEct, byte HopLimit = 0, bool IsMesh = false);
