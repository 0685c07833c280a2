using System.Buffers.Binary;

namespace Coco.Traversal.PortMapping.Pcp;

/// <summary>The body of a MAP request or response (RFC 6887 §11.1):
/// <code>
/// nonce 12 │ protocol 1 │ reserved 3 │ internal port 2 │ external port 2 │ external address 16
/// </code>
/// </summary>
/// <param name="Nonce">Drawn once for a mapping.</param>
/// <param name="Transport">What is mapped.</param>
/// <param name="InternalPort">Our port.</param>
/// <param name="External">Suggested in a request, assigned in a response.</param>
internal readonly record struct PcpMap(MappingNonce Nonce, MappedTransport Transport, int InternalPort, NetworkAddress External)
{
    public const int Length = 36;

    public static PcpMap Read(ReadOnlySpan<byte> body) => new(
        MappingNonce.Read(body),
        (MappedTransport)body[12],
        BinaryPrimitives.ReadUInt16BigEndian(body[16..]),
        NetworkAddress.FromIpv6(body.Slice(20, 16), BinaryPrimitives.ReadUInt16BigEndian(body[18..])));

    public void Write(Span<byte> body)
    {
        Nonce.Write(body);
        body[12] = (byte)Transport;
        body[13..16].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(body[16..], (ushort)InternalPort);
        BinaryPrimitives.WriteUInt16BigEndian(body[18..], (ushort)External.Port);
        External.WriteIpv6(body[20..]); // §5: IPv4 as IPv4-mapped, "none" as ::ffff:0.0.0.0 or ::
    }
}
