using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Quic.Connections;
using Coco.Quic.Paths;

namespace Echo;

/// <summary>Drives an endpoint with one socket. A path is a remote address, by its place in a list.</summary>
internal sealed class Loop : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly List<EndPoint> _remotes = [];
    private readonly byte[] _buffer = new byte[1500]; // one datagram; a larger one would be filled with batches
    private readonly long _start = Stopwatch.GetTimestamp();

    public Loop(IPEndPoint local, EndpointOptions options)
    {
        _socket.Bind(local);
        Endpoint = new(options, RandomSource.System);
    }

    public QuicEndpoint Endpoint { get; }

    public TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    public PathInfo PathTo(EndPoint remote)
    {
        var place = _remotes.IndexOf(remote);
        if (place < 0)
        {
            place = _remotes.Count;
            _remotes.Add(remote);
        }
        return new(new PathId(place));
    }

    /// <summary>Sends what waits, takes a datagram if one comes before the next deadline, and lets time pass.</summary>
    public void Turn()
    {
        Send();
        var wait = (Endpoint.Deadline ?? TimeSpan.MaxValue) - Now;
        if (_socket.Poll(TimeSpan.FromMilliseconds(Math.Clamp(wait.TotalMilliseconds, 0, 100)), SelectMode.SelectRead))
        {
            EndPoint remote = new IPEndPoint(IPAddress.Any, 0);
            var length = _socket.ReceiveFrom(_buffer, ref remote);
            Endpoint.HandleDatagram(PathTo(remote), _buffer.AsSpan(0, length), EcnCodepoint.NotEct, Now);
        }
        Endpoint.HandleTimeout(Now);
        Send();
    }

    public void Dispose()
    {
        Endpoint.Dispose();
        _socket.Dispose();
    }

    private void Send()
    {
        while (Endpoint.TryTakeTransmit(_buffer, Now, out var transmit))
        {
            _socket.SendTo(_buffer.AsSpan(0, transmit.Length), SocketFlags.None, _remotes[transmit.Path.Value]);
        }
    }
}
