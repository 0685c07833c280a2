using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Coco.Transport.Tests.Links;

/// <summary>A plain TCP socket that does what a test says.</summary>
internal sealed class RawPeer(Socket socket) : IDisposable
{
    public Socket Socket => socket;

    public static async Task<RawPeer> ConnectAsync(IPEndPoint remote)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(remote);
        return new(socket);
    }

    /// <summary>A listening socket on loopback.</summary>
    public static Socket Listen(int backlog = 16)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(backlog);
        return socket;
    }

    public async Task SendAsync(byte[] bytes) => await socket.SendAsync(bytes).WaitAsync(RecordingSink.Patience);

    public Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    public async Task<byte[]> ReceiveAsync(int count)
    {
        var bytes = new byte[count];
        using var stream = new NetworkStream(socket);
        await stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(RecordingSink.Patience);
        return bytes;
    }

    /// <summary>What comes until the other end closes or resets.</summary>
    public async Task<byte[]> ReceiveToEndAsync()
    {
        var all = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer).WaitAsync(RecordingSink.Patience) is > 0 and var count) { all.Write(buffer, 0, count); }
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset) { }
        return all.ToArray();
    }

    public void Reset()
    {
        socket.LingerState = new(enable: true, seconds: 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();
}
