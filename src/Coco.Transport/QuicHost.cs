using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Quic.Connections;
using Coco.Quic.Paths;
using Coco.Transport.Udp;
using Coco.Traversal;
using Microsoft.Extensions.Logging;

namespace Coco.Transport;

/// <summary>
/// Drives a <see cref="QuicEndpoint"/> with UDP sockets and a clock, on the thread that calls <see cref="Poll"/>. A path is a pair of
/// one of our sockets and a remote address.
/// </summary>
internal sealed class QuicHost : IDisposable
{
    // Chosen: receives per turn before acknowledgements and data go out; each may hold 45 packets.
    private const int MaxReceivesPerPoll = 4;

    // Chosen: addresses remembered. Strangers beyond are not heard, rather than a path in use forgotten.
    private const int MaxPaths = 200_000;

    private readonly List<UdpChannel> _channels = [];
    private readonly Dictionary<(int Channel, NetworkAddress Remote), int> _ids = [];
    private readonly List<(int Channel, NetworkAddress Remote, ulong Tag)> _paths = [];
    private readonly byte[] _receiveBuffer = GC.AllocateUninitializedArray<byte>(UdpChannel.ReceiveBufferSize, pinned: true);
    private readonly byte[] _sendBuffer = GC.AllocateUninitializedArray<byte>(UdpChannel.MaxBatchBytes, pinned: true);
    private readonly long _start = Stopwatch.GetTimestamp() - Stopwatch.Frequency; // zero is never a time
    private readonly byte[] _tagKey = new byte[32];
    private readonly int _maxDatagramSize;
    private Transmit _unsent;
    private int _unsentOffset;

    public QuicHost(IPEndPoint local, EndpointOptions options, UdpChannelOptions? udp = null, ILogger? logger = null, int maxDatagramSize = 1472)
        : this(UdpChannel.Bind(local, udp), options, logger, maxDatagramSize)
    {
    }

    public QuicHost(UdpChannel channel, EndpointOptions options, ILogger? logger = null, int maxDatagramSize = 1472)
    {
        _channels.Add(channel);
        _maxDatagramSize = maxDatagramSize;
        RandomSource.System.Fill(_tagKey);
        Endpoint = new(options, RandomSource.System, logger);
    }

    public QuicEndpoint Endpoint { get; }

    public IPEndPoint LocalEndPoint => _channels[0].LocalEndPoint;

    /// <summary>Time since the host was made, and a second.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    /// <summary>Datagrams received.</summary>
    public long DatagramsReceived { get; private set; }

    /// <summary>Datagrams sent.</summary>
    public long DatagramsSent { get; private set; }

    /// <summary>Opens one more socket and returns its number for <see cref="PathTo"/>.</summary>
    public int AddChannel(UdpChannel channel)
    {
        _channels.Add(channel);
        return _channels.Count - 1;
    }

    /// <summary>The path from one of our sockets to an address.</summary>
    public PathInfo PathTo(IPEndPoint remote, int channel = 0) =>
        TryPath(channel, remote.ToNetworkAddress(), out var path) ? path : throw new InvalidOperationException("The host knows as many addresses as it can hold.");

    /// <summary>The address at the other end of a path.</summary>
    public IPEndPoint RemoteOf(PathId path) => _paths[path.Value].Remote.ToIPEndPoint();

    /// <summary>Ends a running or the next wait; from any thread.</summary>
    public void Wake() => _channels[0].Wake();

    /// <summary>One turn: sends what waits, receives what is there or comes within the time, lets timers fire, sends again.</summary>
    public void Poll(TimeSpan maxWait)
    {
        var blocked = !Flush();
        var received = Receive();
        if (received == 0)
        {
            Wait(maxWait, blocked);
            received = Receive();
        }
        Endpoint.HandleTimeout(Now);
        if (received > 0 || !blocked) { Flush(); }
    }

    /// <summary>Sends all that waits. False when a socket takes no more for now.</summary>
    public bool Flush()
    {
        if (_unsent.Length > 0 && !SendRest()) { return false; }
        while (Endpoint.TryTakeTransmit(_sendBuffer, Now, out _unsent))
        {
            _unsentOffset = 0;
            DatagramsSent += _unsent.SegmentCount;
            if (!SendRest()) { return false; }
        }
        return true;
    }

    public void Dispose()
    {
        Endpoint.Dispose();
        foreach (var channel in _channels) { channel.Dispose(); }
    }

    private bool SendRest()
    {
        var (channel, remote, _) = _paths[_unsent.Path.Value];
        while (_unsentOffset < _unsent.Length)
        {
            var result = _channels[channel].Send(remote, _sendBuffer.AsSpan(_unsentOffset, _unsent.Length - _unsentOffset), _unsent.SegmentSize, (Ecn)_unsent.Ecn, out var sent);
            _unsentOffset += sent;
            if (result == SendResult.WouldBlock) { return false; }
            if (result is SendResult.TooBig or SendResult.Error) { break; } // to the connection, these packets are lost
        }
        _unsent = default;
        return true;
    }

    private int Receive()
    {
        var received = 0;
        for (var i = 0; i < _channels.Count; i++)
        {
            var turns = 0;
            while (turns++ < MaxReceivesPerPoll && _channels[i].TryReceive(_receiveBuffer, out var batch))
            {
                received++;
                if (!TryPath(i, batch.Remote, out var path)) { continue; }
                var now = Now;
                for (var at = 0; at < batch.Length; at += batch.SegmentSize)
                {
                    DatagramsReceived++;
                    var length = Math.Min(batch.SegmentSize, batch.Length - at);
                    Endpoint.HandleDatagram(path, _receiveBuffer.AsSpan(at, length), (EcnCodepoint)batch.Ecn, now);
                }
            }
        }
        return received;
    }

    private void Wait(TimeSpan maxWait, bool writable)
    {
        var wait = maxWait;
        if (Endpoint.Deadline is { } deadline)
        {
            var left = deadline - Now;
            if (left <= TimeSpan.Zero) { return; }
            if (left < wait) { wait = left; }
        }
        // Several sockets are only used while moving from one to another: a short wait on the first serves.
        if (_channels.Count > 1 && wait > TimeSpan.FromMilliseconds(1)) { wait = TimeSpan.FromMilliseconds(1); }
        _channels[0].Wait(wait, writable);
    }

    private bool TryPath(int channel, NetworkAddress remote, out PathInfo path)
    {
        if (!_ids.TryGetValue((channel, remote), out var id))
        {
            path = default;
            if (_paths.Count >= MaxPaths) { return false; }
            id = _paths.Count;
            _paths.Add((channel, remote, TagOf(remote)));
            _ids.Add((channel, remote), id);
        }
        path = new(new PathId(id), PathKind.Datagram, _maxDatagramSize, _paths[id].Tag);
        return true;
    }

    // A keyed hash of the IP address without the port, which a NAT may change from one connection to the next.
    private ulong TagOf(in NetworkAddress remote)
    {
        Span<byte> address = stackalloc byte[16];
        remote.WriteIpv6(address);
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(_tagKey, address, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
