using Coco.Quic.Congestion;
using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>An IP packet on its way. Never changed, only replaced: several copies may be under way.</summary>
internal sealed record SimulatedPacket(PacketProtocol Protocol, NetworkAddress Source, NetworkAddress Destination, byte[] Payload)
{
    public const int DefaultHopLimit = 64;

    /// <summary>Routers that will forward it no more when this is 1 (IPv4 TTL, IPv6 hop limit).</summary>
    public int HopLimit { get; init; } = DefaultHopLimit;

    public EcnCodepoint Ecn { get; init; }

    /// <summary>The header of a TCP packet.</summary>
    public TcpSegment? Segment { get; init; }

    /// <summary>Who sent it, whatever NATs make of its source: where an ICMP error will be led back to.</summary>
    public PacketOrigin? Origin { get; init; }

    /// <summary>Bytes with headers (RFC 791, RFC 8200, RFC 768, RFC 9293; no options).</summary>
    public int Size => Payload.Length + (Destination.IsIpv4 ? 20 : 40) + (Protocol is PacketProtocol.Udp ? 8 : 20);

    public override string ToString() => $"{Protocol} {Source} > {Destination} {Payload.Length} bytes{(Segment is { } segment ? $" {segment.Kind} {segment.Number}" : "")}";
}
