using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Coco.Transport.Udp;

/// <summary>
/// An IP address and port without an allocation, comparable and hashable. IPv4 is held as an IPv4-mapped IPv6 address
/// (RFC 4291 §2.5.5.2), so that the same peer is equal whether an IPv4 or a dual-stack socket heard it.
/// </summary>
internal readonly struct UdpAddress : IEquatable<UdpAddress>
{
    /// <summary>Bytes of the largest socket address written or read here (struct sockaddr_in6).</summary>
    public const int MaxSocketAddressSize = 28;

    private const int Ipv4SocketAddressSize = 16;
    private const ulong MappedPrefix = 0x0000_FFFF_0000_0000;

    private readonly ulong _high;
    private readonly ulong _low;
    private readonly uint _scope;
    private readonly ushort _port;

    private UdpAddress(ulong high, ulong low, uint scope, ushort port)
    {
        _high = high;
        _low = low;
        _scope = scope;
        _port = port;
    }

    public UdpAddress(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        Span<byte> bytes = stackalloc byte[16];
        endPoint.Address.MapToIPv6().TryWriteBytes(bytes, out _);
        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _scope = endPoint.Address.AddressFamily is AddressFamily.InterNetworkV6 ? (uint)endPoint.Address.ScopeId : 0;
        _port = (ushort)endPoint.Port;
    }

    public int Port => _port;

    public bool IsIpv4 => _high == 0 && (_low & 0xFFFF_FFFF_0000_0000) == MappedPrefix;

    public IPEndPoint ToIPEndPoint()
    {
        if (IsIpv4) { return new(new IPAddress(BinaryPrimitives.ReverseEndianness((uint)_low)), _port); }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _low);
        return new(new IPAddress(bytes, _scope), _port);
    }

    public bool Equals(UdpAddress other) =>
        _low == other._low && _high == other._high && _port == other._port && _scope == other._scope;

    public override bool Equals(object? obj) => obj is UdpAddress other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_high, _low, _scope, _port);

    public override string ToString() => ToIPEndPoint().ToString();

    public static bool operator ==(UdpAddress left, UdpAddress right) => left.Equals(right);

    public static bool operator !=(UdpAddress left, UdpAddress right) => !left.Equals(right);

    // What follows the two bytes of the family is the same on Linux, Windows, macOS and the BSDs:
    //   sockaddr_in   family(2) port(2, network order) address(4) zero(8)
    //   sockaddr_in6  family(2) port(2, network order) flowinfo(4) address(16) scope(4, host order)

    /// <summary>Whether a socket of the given family can send here at all.</summary>
    public bool FitsFamily(bool ipv6Socket) => ipv6Socket || IsIpv4;

    /// <summary>Writes all but the family; answers the size of the whole.</summary>
    public int WriteSocketAddress(Span<byte> destination, bool ipv6Socket)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], _port);
        if (!ipv6Socket)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[4..], (uint)_low);
            destination[8..Ipv4SocketAddressSize].Clear();
            return Ipv4SocketAddressSize;
        }

        destination[4..8].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _low);
        BitConverter.TryWriteBytes(destination[24..], _scope);
        return MaxSocketAddressSize;
    }

    public static UdpAddress ReadSocketAddress(ReadOnlySpan<byte> source, bool ipv6Socket)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(source[2..]);
        if (!ipv6Socket) { return new(0, MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(source[4..]), 0, port); }

        return new(
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[16..]),
            BitConverter.ToUInt32(source[24..]),
            port);
    }
}
