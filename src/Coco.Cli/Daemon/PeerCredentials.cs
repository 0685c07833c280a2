using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Coco.Cli.Daemon;

/// <summary>Who is at the other end of a Unix socket, as the kernel noted when it connected (unix(7), SO_PEERCRED).</summary>
internal static partial class PeerCredentials
{
    // From the kernel's socket.h; struct ucred is pid, uid, gid, each 32 bits.
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>Whether it is a process of this user's. Where the system does not tell, the folder of the socket, which is the owner's alone, has to do.</summary>
    public static bool IsOwnUser(Socket socket, out long user)
    {
        user = -1;
        if (!OperatingSystem.IsLinux()) { return true; }
        Span<byte> credentials = stackalloc byte[12];
        try
        {
            if (socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials) != credentials.Length) { return false; }
        }
        catch (SocketException)
        {
            return false;
        }
        user = MemoryMarshal.Read<uint>(credentials[4..]);
        return user == geteuid();
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint geteuid();
}
