using System.Net.Sockets;

namespace Coco.Tunnels;

/// <summary>The file of a Unix socket that is listened on. The platform deletes it with the socket.</summary>
internal static class UnixSocketFile
{
    private const UnixFileMode ForOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode ForAll = ForOwner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Binds a socket, in place of one that a program left behind when it was killed.</summary>
    /// <exception cref="CocoException">Something else is there, or somebody listens.</exception>
    public static void Bind(Socket socket, TunnelEnd end, bool isForAll)
    {
        var address = end.ToUnix();
        if (File.Exists(end.Host)) { RemoveStale(end, address); }
        try
        {
            socket.Bind(address);
            // Nobody can connect before the socket listens.
            if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(end.Host, isForAll ? ForAll : ForOwner); }
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressNotAvailable)
        {
            throw new CocoException(CocoError.AddressUnavailable, $"There is no folder for {end}, or it may not be written to. Make it, or choose another.", exception);
        }
    }

    private static void RemoveStale(TunnelEnd end, UnixDomainSocketEndPoint address)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(address);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused && IsSocket(end.Host))
        {
            File.Delete(end.Host);
            return;
        }
        catch (SocketException)
        {
            throw new CocoException(CocoError.AddressUnavailable, $"{end.Host} exists and is no socket of ours. It is left as it is: choose another path.");
        }
        throw new CocoException(CocoError.AddressUnavailable, $"{end} is in use by another program. Choose another path.");
    }

    // Connecting to any other file is refused too. A socket cannot be opened as a file (ENXIO), whoever asks.
    private static bool IsSocket(string path)
    {
        try
        {
            using var opened = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return false;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
