using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Coco.Transport.Links;

/// <summary>How the TCP sockets of links are set.</summary>
internal static class LinkSockets
{
    // <asm-generic/socket.h>, <linux/tcp.h>: the same on x64 and ARM.
    private const int SolSocket = 1, SoReuseAddress = 2, SoReusePort = 15;
    private const int SolTcp = 6, TcpUserTimeout = 18, TcpNotSentLowWater = 25;

    // Chosen: what the kernel holds beyond what the window allows to be sent. Queues of ours and of the kernel stay shallow together.
    private const int NotSentLowWater = 128 << 10;

    // Chosen: longer than what is above keeps silent, QUIC and the client of a WebSocket, so that TCP asks only where nobody does.
    private const int KeepAliveSeconds = 90;

    /// <summary>The plain factory: a stream socket of a family.</summary>
    public static Socket Make(AddressFamily family) => new(family, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>For a link: datagrams leave at once, queues are shallow, a dead peer is noticed.</summary>
    public static void Tune(Socket socket, LinkOptions options)
    {
        socket.NoDelay = true;
        var seconds = (int)Math.Ceiling(options.DeadAfter.TotalSeconds / 3);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, seconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        if (!OperatingSystem.IsLinux()) { return; }
        SetRaw(socket, SolTcp, TcpUserTimeout, (int)options.DeadAfter.TotalMilliseconds);
        SetRaw(socket, SolTcp, TcpNotSentLowWater, NotSentLowWater);
    }

    /// <summary>Lets a listening and several connecting sockets share one local port (simultaneous open, RFC 9293 §3.5).</summary>
    public static void SharePort(Socket socket)
    {
        if (OperatingSystem.IsLinux())
        {
            SetRaw(socket, SolSocket, SoReuseAddress, 1);
            SetRaw(socket, SolSocket, SoReusePort, 1);
            return;
        }
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true); // includes SO_REUSEPORT on macOS
    }

    /// <summary>Closes with a reset: who is turned away costs no TIME_WAIT.</summary>
    public static void Reject(Socket socket)
    {
        try { socket.LingerState = new(enable: true, seconds: 0); }
        catch (SocketException) { } // already gone
        socket.Dispose();
    }

    private static void SetRaw(Socket socket, int level, int option, int value)
    {
        try { socket.SetRawSocketOption(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(ref value))); }
        catch (SocketException) { } // an old kernel: the link works without
    }
}
