using System.Buffers.Binary;

namespace Coco.Traversal.Stun;

// MAPPED-ADDRESS and its like (RFC 8489 §14.1); in XOR-MAPPED-ADDRESS (§14.2) port and address are mixed with cookie and transaction id,
// because some NATs replace what looks like their inner addresses:
//
//   | zero, 8 bits | family: 1 IPv4, 2 IPv6 | port, 16 bits |
//   | address, 4 or 16 bytes ...                            |

/// <summary>The value of an attribute that holds an address.</summary>
internal static class StunAddress
{
    public const int MaxLength = 4 + 16;

    private const byte Ipv4Family = 1;
    private const byte Ipv6Family = 2;

    public static int LengthOf(in NetworkAddress address) => address.IsIpv4 ? 8 : MaxLength;

    /// <param name="value">The attribute.</param>
    /// <param name="mixedWith">Cookie and transaction id for the XOR form, nothing for the plain one.</param>
    /// <param name="address">What it says.</param>
    public static bool TryRead(ReadOnlySpan<byte> value, ReadOnlySpan<byte> mixedWith, out NetworkAddress address)
    {
        address = default;
        if (value.Length < 8) { return false; }
        var isIpv4 = value[1] == Ipv4Family;
        if (!isIpv4 && value[1] != Ipv6Family) { return false; }
        if (value.Length != (isIpv4 ? 8 : MaxLength)) { return false; }

        Span<byte> plain = stackalloc byte[MaxLength];
        value.CopyTo(plain);
        Mix(plain[..value.Length], mixedWith);
        var port = BinaryPrimitives.ReadUInt16BigEndian(plain[2..]);
        address = isIpv4
            ? NetworkAddress.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(plain[4..]), port)
            : NetworkAddress.FromIpv6(plain[4..], port);
        return true;
    }

    public static void Write(in NetworkAddress address, ReadOnlySpan<byte> mixWith, Span<byte> value)
    {
        value[0] = 0;
        value[1] = address.IsIpv4 ? Ipv4Family : Ipv6Family;
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)address.Port);
        if (address.IsIpv4) { BinaryPrimitives.WriteUInt32BigEndian(value[4..], address.Ipv4); }
        else { address.WriteIpv6(value[4..]); }
        Mix(value[..LengthOf(address)], mixWith);
    }

    // The port is mixed with the top half of the cookie, the address with the cookie and what follows it.
    private static void Mix(Span<byte> value, ReadOnlySpan<byte> with)
    {
        if (with.IsEmpty) { return; }
        value[2] ^= with[0];
        value[3] ^= with[1];
        for (var i = 4; i < value.Length; i++) { value[i] ^= with[i - 4]; }
    }
}
