using System.Net;
using System.Net.Sockets;
using Coco.Tunnels;

namespace Coco.Tests.Tunnels;

/// <summary>A program behind a service, which takes connections one by one.</summary>
internal sealed class TargetServer : IDisposable
{
    private readonly Socket _socket;

    private TargetServer(Socket socket, TunnelEnd end) => (_socket, End) = (socket, end);

    public TunnelEnd End { get; }

    public static TargetServer Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return new(socket, TunnelEnd.Tcp(((IPEndPoint)socket.LocalEndPoint!).Port));
    }

    public static TargetServer ListenUnix(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return new(socket, TunnelEnd.Unix(path));
    }

    public async Task<Socket> AcceptAsync(CancellationToken cancellationToken) => await _socket.AcceptAsync(cancellationToken);

    public void Dispose() => _socket.Dispose();
}
