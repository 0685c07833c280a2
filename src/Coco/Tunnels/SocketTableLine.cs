using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Coco.Tunnels;

/// <summary>
/// A line of the kernel's tables of sockets, <c>/proc/net/tcp</c> and its like (proc_net_tcp of the kernel's documentation):
/// <code>   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 …</code>
/// number, local and remote address, state, queues, timer, retransmissions, user, timeouts, inode. Addresses are 32-bit words in the order of the machine.
/// </summary>
internal readonly record struct SocketTableLine(IPEndPoint Local, IPEndPoint Remote, uint User, bool HasOwner)
{
    public static bool TryParse(ReadOnlySpan<char> line, out SocketTableLine entry)
    {
        entry = default;
        Span<Range> fields = stackalloc Range[11];
        if (line.Split(fields, ' ', StringSplitOptions.RemoveEmptyEntries) < 10) { return false; }
        if (!TryParseAddress(line[fields[1]], out var local) || !TryParseAddress(line[fields[2]], out var remote)) { return false; }
        if (!uint.TryParse(line[fields[7]], NumberStyles.None, CultureInfo.InvariantCulture, out var user)) { return false; }
        // A socket that its program has closed has no inode any more, and says user 0.
        entry = new(local, remote, user, !line[fields[9]].SequenceEqual("0"));
        return true;
    }

    /// <summary>Whether it is the socket that connected from the one address to the other.</summary>
    public bool Connects(IPEndPoint client, IPEndPoint server) =>
        Local.Port == client.Port && Remote.Port == server.Port && Same(Local.Address, client.Address) && Same(Remote.Address, server.Address);

    /// <summary>Whether it may be the socket that sent from the address: one that is not connected says nothing of where it sends.</summary>
    public bool MaySend(IPEndPoint client, IPEndPoint server) =>
        Connects(client, server) || (Local.Port == client.Port && Remote.Port == 0 && (Same(Local.Address, client.Address) || IsAny(Local.Address)));

    private static bool Same(IPAddress one, IPAddress other) => Plain(one).Equals(Plain(other));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static bool TryParseAddress(ReadOnlySpan<char> text, out IPEndPoint address)
    {
        address = new(IPAddress.None, 0);
        var colon = text.IndexOf(':');
        if (colon is not (8 or 32) || !ushort.TryParse(text[(colon + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var port)) { return false; }
        Span<byte> bytes = stackalloc byte[16];
        for (var at = 0; at < colon; at += 8)
        {
            if (!uint.TryParse(text.Slice(at, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var word)) { return false; }
            if (BitConverter.IsLittleEndian) { BinaryPrimitives.WriteUInt32LittleEndian(bytes[(at / 2)..], word); }
            else { BinaryPrimitives.WriteUInt32BigEndian(bytes[(at / 2)..], word); }
        }
        address = new(new IPAddress(bytes[..(colon / 2)]), port);
        return true;
    }
}
