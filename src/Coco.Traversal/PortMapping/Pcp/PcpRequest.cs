using System.Buffers.Binary;

namespace Coco.Traversal.PortMapping.Pcp;

/// <summary>Requests of version 2 (RFC 6887 §7.1):
/// <code>
/// version 1 │ 0 + opcode 1 │ reserved 2 │ lifetime 4, seconds │ client's address 16 │ body of the opcode
/// </code>
/// </summary>
internal static class PcpRequest
{
    public const byte Version = 2;

    /// <summary>Bytes of the header, of responses too.</summary>
    public const int HeaderLength = 24;

    /// <summary>Where servers listen (§19.1).</summary>
    public const int ServerPort = 5351;

    /// <summary>Where clients hear announcements (§19.1), sent to 224.0.0.1 and ff02::1.</summary>
    public const int ClientPort = 5350;

    /// <summary>Asks for a mapping, or with lifetime 0 for its end (§11).</summary>
    public static byte[] Map(in NetworkAddress client, uint lifetime, in PcpMap map)
    {
        var message = new byte[HeaderLength + PcpMap.Length];
        WriteHeader(message, PcpOpcode.Map, lifetime, client);
        map.Write(message.AsSpan(HeaderLength));
        return message;
    }

    /// <summary>Asks whether the server lives and for how long it has (§14.1.2).</summary>
    public static byte[] Announce(in NetworkAddress client)
    {
        var message = new byte[HeaderLength];
        WriteHeader(message, PcpOpcode.Announce, lifetime: 0, client);
        return message;
    }

    private static void WriteHeader(Span<byte> message, PcpOpcode opcode, uint lifetime, in NetworkAddress client)
    {
        message[0] = Version;
        message[1] = (byte)opcode;
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], lifetime);
        client.WriteIpv6(message[8..]);
    }
}
