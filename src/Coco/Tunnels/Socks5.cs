using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Coco.Tunnels;

/// <summary>
/// The messages of SOCKS 5 (RFC 1928 §3 to §7) and of its user names and passwords (RFC 1929 §2).
/// <code>
/// greeting  = 05 ‖ count u8 ‖ methods            answered: 05 ‖ method
/// password  = 01 ‖ length u8 ‖ user ‖ length u8 ‖ password    answered: 01 ‖ 00, or anything else where it is wrong
/// request   = 05 ‖ command ‖ 00 ‖ address        answered: 05 ‖ reply ‖ 00 ‖ address
/// datagram  = 00 00 ‖ fragment u8 ‖ address ‖ bytes
/// address   = 01 ‖ IPv4 (4) ‖ port u16 | 03 ‖ length u8 ‖ name ‖ port u16 | 04 ‖ IPv6 (16) ‖ port u16
/// </code>
/// </summary>
internal static class Socks5
{
    public const byte Version = 5;
    public const byte NoAuthentication = 0;
    public const byte Password = 2;
    public const byte NoMethod = 0xFF;
    public const byte Connect = 1;
    public const byte UdpAssociate = 3;

    private const byte PasswordVersion = 1;
    private const byte IPv4 = 1, Name = 3, IPv6 = 4;

    /// <summary>The methods that the client knows.</summary>
    public static ParseStatus ReadGreeting(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> methods, out int length)
    {
        methods = default;
        length = 0;
        if (bytes.Length >= 1 && bytes[0] != Version) { return ParseStatus.Malformed; }
        if (bytes.Length < 2 || bytes.Length < 2 + bytes[1]) { return ParseStatus.Incomplete; }
        length = 2 + bytes[1];
        methods = bytes[2..length];
        return ParseStatus.Done;
    }

    /// <summary>The password; the user name says nothing here.</summary>
    public static ParseStatus ReadPassword(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> password, out int length)
    {
        password = default;
        length = 0;
        if (bytes.Length >= 1 && bytes[0] != PasswordVersion) { return ParseStatus.Malformed; }
        if (bytes.Length < 2 || bytes.Length < 3 + bytes[1]) { return ParseStatus.Incomplete; }
        var at = 3 + bytes[1];
        if (bytes.Length < at + bytes[at - 1]) { return ParseStatus.Incomplete; }
        length = at + bytes[at - 1];
        password = bytes[at..length];
        return ParseStatus.Done;
    }

    /// <summary>What the client wants, and of whom: a name, or an address as text.</summary>
    public static ParseStatus ReadRequest(ReadOnlySpan<byte> bytes, out byte command, out string host, out ushort port, out int length)
    {
        (command, host, port, length) = (0, "", 0, 0);
        if (bytes.Length >= 1 && bytes[0] != Version) { return ParseStatus.Malformed; }
        if (bytes.Length < 3) { return ParseStatus.Incomplete; }
        command = bytes[1];
        var status = ReadAddress(bytes[3..], out host, out port, out length);
        length += 3;
        return status;
    }

    /// <summary>Whether a request that is malformed is so as its address is of a kind that there is not (§5).</summary>
    public static bool HasUnknownAddress(ReadOnlySpan<byte> request) => request.Length > 3 && request[0] == Version && request[3] is not (IPv4 or Name or IPv6);

    /// <summary>Where a datagram is to go, and where its bytes begin. Pieces of one (§7) are not put together here.</summary>
    public static bool TryReadDatagram(ReadOnlySpan<byte> bytes, out string host, out ushort port, out int length)
    {
        (host, port, length) = ("", 0, 0);
        if (bytes.Length < 3 || bytes[2] != 0 || ReadAddress(bytes[3..], out host, out port, out length) is not ParseStatus.Done) { return false; }
        length += 3;
        return true;
    }

    /// <summary>An answer to a request; with the address that was bound, where one was.</summary>
    public static byte[] Reply(Socks5Reply reply, IPEndPoint? bound = null)
    {
        var address = (bound?.Address ?? IPAddress.Any).GetAddressBytes();
        var port = bound?.Port ?? 0;
        return [Version, (byte)reply, 0, address.Length == 4 ? IPv4 : IPv6, .. address, (byte)(port >> 8), (byte)port];
    }

    private static ParseStatus ReadAddress(ReadOnlySpan<byte> bytes, out string host, out ushort port, out int length)
    {
        (host, port, length) = ("", 0, 0);
        if (bytes.Length < 2) { return ParseStatus.Incomplete; }
        var (begin, count) = bytes[0] switch { IPv4 => (1, 4), IPv6 => (1, 16), Name => (2, bytes[1]), _ => (0, 0) };
        if (count == 0) { return ParseStatus.Malformed; }
        if (bytes.Length < begin + count + 2) { return ParseStatus.Incomplete; }
        var address = bytes.Slice(begin, count);
        if (bytes[0] is Name && address.ContainsAnyExceptInRange((byte)'!', (byte)'~')) { return ParseStatus.Malformed; }
        host = bytes[0] is Name ? Encoding.ASCII.GetString(address) : new IPAddress(address).ToString();
        port = BinaryPrimitives.ReadUInt16BigEndian(bytes[(begin + count)..]);
        length = begin + count + 2;
        return ParseStatus.Done;
    }
}
