using System.Net;
using System.Net.Sockets;
using Coco.Tunnels;

namespace Coco.Tests.Tunnels;

/// <summary>A program with a UDP port.</summary>
internal sealed class UdpTarget : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[ushort.MaxValue];

    private UdpTarget(Socket socket) => (_socket, End) = (socket, TunnelEnd.Udp(((IPEndPoint)socket.LocalEndPoint!).Port));

    public TunnelEnd End { get; }

    public int Available => _socket.Available;

    public IPEndPoint Address => (IPEndPoint)_socket.LocalEndPoint!;

    public static UdpTarget Listen(int port = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return new(socket);
    }

    public Task SendAsync(byte[] data, TunnelEnd to) => SendAsync(data, new IPEndPoint(IPAddress.Parse(to.Host), to.Port));

    public async Task SendAsync(byte[] data, EndPoint to) => Assert.Equal(data.Length, await _socket.SendToAsync(data, SocketFlags.None, to));

    public async Task<(byte[] Data, EndPoint From)> ReceiveAsync(CancellationToken cancellationToken)
    {
        var received = await _socket.ReceiveFromAsync(_buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), cancellationToken);
        return (_buffer[..received.ReceivedBytes], received.RemoteEndPoint);
    }

    public void Dispose() => _socket.Dispose();
}
