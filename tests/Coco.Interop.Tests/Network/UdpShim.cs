using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Coco.Interop.Tests.Network;

/// <summary>
/// A relay on loopback between one client and one server, on a thread of its own: it loses, damages and delays datagrams,
/// and changes the address that the server sees.
/// </summary>
internal sealed class UdpShim : IDisposable
{
    private const int LargestDatagram = 64 << 10;

    /// <summary>
    /// A delay as the interop runner has it: there are then always datagrams under way from the client, which show the server a new address. A
    /// client that only receives sends nothing more once the server's datagrams go to the old one.
    /// </summary>
    public static readonly ShimRules SomeDelay = new() { Delay = TimeSpan.FromMilliseconds(10) };

    private readonly Socket _front = NewSocket(IPAddress.Loopback); // where the client sends to
    private readonly PriorityQueue<Delayed, long> _delayed = new();
    private readonly Random _random;
    private readonly IPEndPoint _server;
    private readonly Thread _thread;
    private readonly byte[] _buffer = new byte[LargestDatagram];
    private readonly List<Socket> _old = [];
    private readonly ShimRules _rules;
    private Socket _back = NewSocket(IPAddress.Loopback); // where the server sends to
    private EndPoint? _client;
    private volatile bool _stopped;
    private volatile IPAddress? _rebindTo;
    private long _blackholeUntil;
    private long _toServer;
    private long _toClient;

    public UdpShim(IPEndPoint server, ShimRules rules)
    {
        _server = server;
        _rules = rules;
        _random = new Random(rules.Seed);
        _thread = new Thread(Run) { IsBackground = true, Name = "UDP shim" };
        _thread.Start();
    }

    /// <summary>Where the client finds the server.</summary>
    public IPEndPoint Front => (IPEndPoint)_front.LocalEndPoint!;

    public long DatagramsToServer => Interlocked.Read(ref _toServer);

    /// <summary>What the server sent, whether or not it got through.</summary>
    public long DatagramsToClient => Interlocked.Read(ref _toClient);

    /// <summary>Bytes of each datagram in the order they came, and whether the client sent it.</summary>
    public List<(bool FromClient, int Length)> Seen { get; } = [];

    /// <summary>Lets the server see another port from now on, and another address if it differs. What it sends to the old one is lost.</summary>
    public void Rebind(IPAddress address) => _rebindTo = address;

    /// <summary>Lets nothing pass for some time.</summary>
    public void Blackhole(TimeSpan time) =>
        Interlocked.Exchange(ref _blackholeUntil, Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        _front.Dispose();
        _back.Dispose();
        foreach (var socket in _old) { socket.Dispose(); }
    }

    private static Socket NewSocket(IPAddress address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            Blocking = false,
            ReceiveBufferSize = 4 << 20,
            SendBufferSize = 4 << 20,
        };
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    private void Run()
    {
        var readable = new List<Socket>();
        while (!_stopped)
        {
            if (_rebindTo is { } address) { _rebindTo = null; _old.Add(_back); _back = NewSocket(address); }
            readable.Clear();
            readable.Add(_front);
            readable.Add(_back);
            Socket.Select(readable, null, null, MicrosecondsToNext());
            Take(_front, fromClient: true);
            Take(_back, fromClient: false);
            while (_delayed.TryPeek(out var next, out var due) && due <= Stopwatch.GetTimestamp())
            {
                _delayed.Dequeue();
                Pass(next.FromClient, next.Datagram);
            }
        }
    }

    private int MicrosecondsToNext()
    {
        const int Longest = 5000; // until the next look at what the test wants
        if (!_delayed.TryPeek(out _, out var due)) { return Longest; }
        return (int)Math.Clamp((due - Stopwatch.GetTimestamp()) * 1_000_000 / Stopwatch.Frequency, 0, Longest);
    }

    private void Take(Socket socket, bool fromClient)
    {
        for (var i = 0; i < 64; i++)
        {
            EndPoint sender = new IPEndPoint(IPAddress.Any, 0);
            int length;
            try
            {
                if (socket.Available == 0) { return; }
                length = socket.ReceiveFrom(_buffer, ref sender);
            }
            catch (SocketException)
            {
                return; // the peer's port is not open yet, or no more
            }
            if (fromClient) { _client = sender; Interlocked.Increment(ref _toServer); }
            else { Interlocked.Increment(ref _toClient); }
            if (_rules.KeepSizes) { lock (Seen) { Seen.Add((fromClient, length)); } }
            Judge(fromClient, _buffer.AsSpan(0, length));
        }
    }

    private void Judge(bool fromClient, Span<byte> datagram)
    {
        var number = fromClient ? _toServer : _toClient;
        if (Stopwatch.GetTimestamp() < Interlocked.Read(ref _blackholeUntil)) { return; }
        if (_rules.DropIf?.Invoke(fromClient, number) == true) { return; }
        if (_random.NextDouble() < _rules.Loss) { return; }
        if (_random.NextDouble() < _rules.Corruption) { datagram[_random.Next(datagram.Length)] ^= (byte)(1 << _random.Next(8)); }
        if (_rules.Delay == TimeSpan.Zero) { Pass(fromClient, datagram); return; }
        _delayed.Enqueue(new(fromClient, datagram.ToArray()), Stopwatch.GetTimestamp() + (long)(_rules.Delay.TotalSeconds * Stopwatch.Frequency));
    }

    private void Pass(bool fromClient, ReadOnlySpan<byte> datagram)
    {
        try
        {
            if (fromClient) { _back.SendTo(datagram, _server); }
            else if (_client is not null) { _front.SendTo(datagram, _client); }
        }
        catch (SocketException)
        {
            // A full buffer or a closed port loses the datagram, as a network would.
        }
    }

    private readonly record struct Delayed(bool FromClient, byte[] Datagram);
}
