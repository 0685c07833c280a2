using System.Net;
using System.Net.Sockets;

namespace Coco.Tunnels.Rtsp;

/// <summary>UDP sockets for RTP, at an even port, and RTCP, at the next (RFC 3550 §11).</summary>
internal static class MediaSockets
{
    // Chosen: of two neighbours both are nearly always free.
    private const int MaxTries = 32;

    // Chosen: a key frame of a good camera comes as one burst. The system may allow less.
    private const int ReceiveBuffer = 1 << 20;

    /// <summary>Binds one or two. Null where the system has none.</summary>
    public static Socket[]? TryBind(IPAddress local, int count)
    {
        var others = new List<Socket>(); // kept for now, so that the system names another port each time
        try
        {
            for (var i = 0; i < MaxTries; i++)
            {
                if (TryBindOne(local, 0) is not { } one) { return null; }
                var port = ((IPEndPoint)one.LocalEndPoint!).Port;
                if (count == 1) { return [one]; }
                if (TryBindOne(local, port ^ 1) is { } other) { return port % 2 == 0 ? [one, other] : [other, one]; }
                others.Add(one);
            }
            return null;
        }
        finally
        {
            foreach (var socket in others) { socket.Dispose(); }
        }
    }

    private static Socket? TryBindOne(IPAddress local, int port)
    {
        Socket? socket = null;
        try
        {
            socket = new(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, ReceiveBufferSize = ReceiveBuffer };
            socket.Bind(new IPEndPoint(local, port));
            return socket;
        }
        catch (SocketException)
        {
            socket?.Dispose();
            return null;
        }
    }
}
