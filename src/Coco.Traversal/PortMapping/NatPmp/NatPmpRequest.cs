using System.Buffers.Binary;

namespace Coco.Traversal.PortMapping.NatPmp;

/// <summary>Requests (RFC 6886 §3.2, §3.3):
/// <code>
/// 0 │ 0                                                                                            external address
/// 0 │ 1 (UDP) or 2 (TCP) │ reserved 2 │ internal port 2 │ suggested external port 2 │ lifetime 4   mapping
/// </code>
/// </summary>
internal static class NatPmpRequest
{
    public const byte Version = 0;
    public const byte AddressOpcode = 0;
    public const byte UdpOpcode = 1;
    public const byte TcpOpcode = 2;

    /// <summary>Asks for the router's outer address.</summary>
    public static byte[] Address() => [Version, AddressOpcode];

    /// <summary>Asks for a mapping; with lifetime 0 for its end, and then the external port is 0 as well (§3.4).</summary>
    public static byte[] Map(MappedTransport transport, int internalPort, int externalPort, uint lifetime)
    {
        var message = new byte[12];
        message[1] = OpcodeOf(transport);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), (ushort)internalPort);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), (ushort)externalPort);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), lifetime);
        return message;
    }

    public static byte OpcodeOf(MappedTransport transport) => transport is MappedTransport.Udp ? UdpOpcode : TcpOpcode;
}
