using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Coco.Traversal;

/// <summary>
/// An IP address and a port, as a value: comparable, hashable, without an allocation, and without a socket library, so that cores can
/// reason about addresses. IPv4 is held as an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2): the same peer is equal whether an IPv4 or
/// a dual-stack socket heard it.
/// </summary>
public readonly partial struct NetworkAddress : IEquatable<NetworkAddress>
{
    /// <summary>Bytes of the longest form written by <see cref="Write"/>.</summary>
    public const int MaxWireLength = 1 + 16 + 2;

    private const ulong MappedPrefix = 0x0000_FFFF_0000_0000;

    private readonly ulong _high;
    private readonly ulong _low;
    private readonly uint _scope;
    private readonly ushort _port;

    private NetworkAddress(ulong high, ulong low, uint scope, ushort port) => (_high, _low, _scope, _port) = (high, low, scope, port);

    /// <summary>An IPv4 address, as the number its four bytes make in network order, and a port.</summary>
    public static NetworkAddress FromIpv4(uint address, int port) => new(0, MappedPrefix | address, 0, CheckPort(port));

    /// <summary>An IPv6 address of 16 bytes, the zone it holds in (0 for none) and a port.</summary>
    public static NetworkAddress FromIpv6(ReadOnlySpan<byte> address, int port, uint scope = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(address.Length, 16);
        return new(BinaryPrimitives.ReadUInt64BigEndian(address), BinaryPrimitives.ReadUInt64BigEndian(address[8..]), scope, CheckPort(port));
    }

    /// <summary>The port, 0 to 65,535.</summary>
    public int Port => _port;

    /// <summary>The zone of a link-local IPv6 address (RFC 4007); 0 for none.</summary>
    public uint Scope => _scope;

    /// <summary>Whether this is IPv4.</summary>
    public bool IsIpv4 => _high == 0 && (_low & 0xFFFF_FFFF_0000_0000) == MappedPrefix;

    /// <summary>The four bytes of an IPv4 address as a number in network order; meaningless for IPv6.</summary>
    public uint Ipv4 => (uint)_low;

    /// <summary>All zeros (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2).</summary>
    public bool IsUnspecified => IsIpv4 ? Ipv4 == 0 : _high == 0 && _low == 0;

    /// <summary>127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => IsIpv4 ? Ipv4 >> 24 == 127 : _high == 0 && _low == 1;

    /// <summary>169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291 §2.5.6).</summary>
    public bool IsLinkLocal => IsIpv4 ? Ipv4 >> 16 == 0xA9FE : _high >> 54 == 0x3FA;

    /// <summary>224.0.0.0/4, the IPv4 broadcast address, or ff00::/8.</summary>
    public bool IsMulticast => IsIpv4 ? Ipv4 >> 28 == 0xE || Ipv4 == uint.MaxValue : _high >> 56 == 0xFF;

    /// <summary>Addresses that mean different hosts in different places: 10/8, 172.16/12, 192.168/16 (RFC 1918), 100.64/10 (RFC 6598),
    /// fc00::/7 (RFC 4193), link-local and loopback.</summary>
    public bool IsPrivate => IsLoopback || IsLinkLocal || (IsIpv4
        ? Ipv4 >> 24 == 10 || Ipv4 >> 20 == 0xAC1 || Ipv4 >> 16 == 0xC0A8 || Ipv4 >> 22 == 0x6440 >> 6
        : _high >> 57 == 0x7E);

    /// <summary>Whether a packet can be sent to this: a host's address and a port other than 0.</summary>
    public bool IsSendable => _port != 0 && !IsUnspecified && !IsMulticast && (!IsIpv4 || Ipv4 >> 24 != 0);

    /// <summary>The same address with another port.</summary>
    public NetworkAddress WithPort(int port) => new(_high, _low, _scope, CheckPort(port));

    /// <summary>Whether both are the same host, whatever the ports.</summary>
    public bool HasSameHost(in NetworkAddress other) => _low == other._low && _high == other._high && _scope == other._scope;

    /// <summary>Whether the first bits of both addresses agree; IPv4 and IPv6 never do.</summary>
    /// <param name="other">The other.</param>
    /// <param name="bits">How many, from 0 to 32 or 128.</param>
    public bool SharesPrefix(in NetworkAddress other, int bits)
    {
        if (IsIpv4 != other.IsIpv4) { return false; }
        if (IsIpv4) { bits += 96; }
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bits, 128u);
        var mask = bits == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - bits);
        return ((new UInt128(_high, _low) ^ new UInt128(other._high, other._low)) & mask) == UInt128.Zero;
    }

    /// <summary>Writes the 16 bytes of the address, IPv4 as IPv4-mapped.</summary>
    public void WriteIpv6(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
    }

    // On the wire: family (1 byte: 4 or 6), address (4 or 16), port (2). A zone means nothing to another host and is left out.

    /// <summary>Bytes that <see cref="Write"/> writes.</summary>
    public int WireLength => IsIpv4 ? 1 + 4 + 2 : MaxWireLength;

    /// <summary>Writes family, address and port, and answers how many bytes: 7 or 19.</summary>
    public int Write(Span<byte> destination)
    {
        if (IsIpv4)
        {
            destination[0] = 4;
            BinaryPrimitives.WriteUInt32BigEndian(destination[1..], Ipv4);
            BinaryPrimitives.WriteUInt16BigEndian(destination[5..], _port);
            return 7;
        }
        destination[0] = 6;
        WriteIpv6(destination[1..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[17..], _port);
        return MaxWireLength;
    }

    /// <summary>Reads what <see cref="Write"/> wrote. False for bytes that are no address.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out NetworkAddress address, out int length)
    {
        (address, length) = (default, 0);
        if (source.Length >= 7 && source[0] == 4)
        {
            address = FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(source[1..]), BinaryPrimitives.ReadUInt16BigEndian(source[5..]));
            length = 7;
            return true;
        }
        if (source.Length < MaxWireLength || source[0] != 6) { return false; }
        address = FromIpv6(source.Slice(1, 16), BinaryPrimitives.ReadUInt16BigEndian(source[17..]));
        length = MaxWireLength;
        return !address.IsIpv4; // one spelling for each address
    }

    /// <inheritdoc/>
    public bool Equals(NetworkAddress other) => _low == other._low && _high == other._high && _port == other._port && _scope == other._scope;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is NetworkAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_high, _low, _scope, _port);

    /// <summary>Whether both are the same address, port and zone.</summary>
    public static bool operator ==(in NetworkAddress left, in NetworkAddress right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(in NetworkAddress left, in NetworkAddress right) => !left.Equals(right);

    private static ushort CheckPort(int port)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)port, ushort.MaxValue);
        return (ushort)port;
    }
}
