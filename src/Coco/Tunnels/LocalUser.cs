using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Coco.Crypto.Native;

namespace Coco.Tunnels;

/// <summary>Whether the program at the other end of a local socket is of this process's user. Whatever cannot be determined is not.</summary>
internal static class LocalUser
{
    // From the kernel's socket.h; struct ucred is pid, uid, gid, each 32 bits.
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>By the credentials that the kernel kept when the peer connected (unix(7), SO_PEERCRED).</summary>
    public static bool OwnsUnix(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        try
        {
            return socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials) == credentials.Length
                && IsOurs(BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..]) : BinaryPrimitives.ReadUInt32BigEndian(credentials[4..]));
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>By the owner of the socket that connected.</summary>
    public static bool OwnsTcp(IPEndPoint client, IPEndPoint server) => Owns("tcp", line => line.Connects(client, server));

    /// <summary>By the owner of the socket that sends from the address.</summary>
    public static bool OwnsUdp(IPEndPoint client, IPEndPoint server) => Owns("udp", line => line.MaySend(client, server));

    private static bool Owns(string protocol, Func<SocketTableLine, bool> isIt) => Owns(protocol, isIt, static table => File.ReadLines($"/proc/net/{table}"));

    /// <summary>Whether a socket in the tables is ours. The kernel hands out a table in pieces, and what is opened and closed between two of them can make it leave
    /// out a socket that was there all the time: where it is not found it is looked for once more.</summary>
    internal static bool Owns(string protocol, Func<SocketTableLine, bool> isIt, Func<string, IEnumerable<string>> linesOf) =>
        Find(protocol, isIt, linesOf) ?? Find(protocol, isIt, linesOf) ?? false;

    // Null where there is no such socket.
    private static bool? Find(string protocol, Func<SocketTableLine, bool> isIt, Func<string, IEnumerable<string>> linesOf)
    {
        bool? isFound = null;
        foreach (var table in (ReadOnlySpan<string>)[protocol, protocol + "6"])
        {
            try
            {
                foreach (var line in linesOf(table).Skip(1))
                {
                    if (!SocketTableLine.TryParse(line, out var entry) || !isIt(entry)) { continue; }
                    // Several may share a UDP port: all must be ours.
                    if (!entry.HasOwner || !IsOurs(entry.User)) { return false; }
                    isFound = true;
                }
            }
            catch (IOException)
            {
                // There is no such table, for example without IPv6.
            }
        }
        return isFound;
    }

    private static bool IsOurs(uint user) => OperatingSystem.IsLinux() && user == LinuxFiles.geteuid();
}
