using System.Net;
using System.Net.Sockets;

namespace Coco.Benchmarks.Messaging;

/// <summary>A blocking TCP connection with a server here, for protocols written out by hand: measured is the server, not a client library.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[256 << 10];
    private int _begin, _end;

    public RawConnection(int port) => _socket.Connect(new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>What has come and is not taken.</summary>
    public ReadOnlySpan<byte> Received => _buffer.AsSpan(_begin, _end - _begin);

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) { bytes = bytes[_socket.Send(bytes)..]; }
    }

    /// <summary>Waits for more. False at the end.</summary>
    public bool Receive()
    {
        Received.CopyTo(_buffer);
        (_begin, _end) = (0, _end - _begin);
        if (_end == _buffer.Length) { Array.Resize(ref _buffer, _end * 2); }
        try
        {
            var count = _socket.Receive(_buffer.AsSpan(_end));
            _end += count;
            return count > 0;
        }
        catch (SocketException)
        {
            return false; // closed here, or by the server
        }
    }

    public void Take(int count) => _begin += count;

    public void Dispose()
    {
        _socket.Close();
    }
}
