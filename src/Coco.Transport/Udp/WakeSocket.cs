using System.Net;
using System.Net.Sockets;

namespace Coco.Transport.Udp;

/// <summary>A socket that sends to itself: the one thing every system's select can be woken by.</summary>
internal static class WakeSocket
{
    public static Socket Create()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            socket.Connect(socket.LocalEndPoint!);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static void Wake(Socket socket)
    {
        try
        {
            socket.Send([1], SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    public static void Drain(Socket socket)
    {
        Span<byte> drop = stackalloc byte[1];
        while (socket.Available > 0) { socket.Receive(drop, SocketFlags.None, out _); }
    }
}
