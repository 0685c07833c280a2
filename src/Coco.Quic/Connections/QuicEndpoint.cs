using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Quic.Packets;
using Coco.Quic.Paths;
using Coco.Quic.Streams;
using Coco.Quic.Tls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Quic.Connections;

/// <summary>
/// All connections that share one set of paths: finds the connection of each datagram by its connection ID, accepts new ones, answers
/// strangers where an answer is due, and hands out what is to be sent. A core: its host owns sockets and clock, calls
/// <see cref="HandleDatagram"/> and <see cref="HandleTimeout"/>, and drains <see cref="TryTakeTransmit"/> after each.
/// </summary>
public sealed partial class QuicEndpoint : IDisposable
{
    private const long TrimInterval = 10 * TimeSpan.TicksPerSecond; // chosen: a stream that pauses for a breath keeps its blocks

    private readonly Dictionary<ConnectionId, QuicConnection> _connections = [];
    private readonly Queue<QuicConnection> _scheduled = new();
    private readonly Queue<QuicConnection> _accepted = new();
    private readonly Queue<QuicConnection> _ready = new();
    private readonly RandomSource _random;
    private readonly ILogger _logger;
    private readonly byte[] _resetKey;
    private readonly TimerHeap<QuicConnection> _timers = new();
    private readonly TlsOptions _tls;
    private long _trimAt; // when the block pool is looked at next; 0 while it is small
    private int _halfOpen;
    private int _count;

    /// <summary>Makes an endpoint.</summary>
    /// <param name="options">Who we are, what we accept and how connections behave.</param>
    /// <param name="random">Where connection IDs, keys and tokens come from; the system's generator outside tests.</param>
    /// <param name="logger">Where refusals and protocol errors are told; nowhere when null.</param>
    public QuicEndpoint(EndpointOptions options, RandomSource random, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        Options = options;
        _identities = [.. options.Identities];
        _random = random;
        _logger = logger ?? NullLogger.Instance;
        _resetKey = options.StatelessResetKey.IsEmpty ? Draw(32) : options.StatelessResetKey.ToArray();
        _tls = options.Tls ?? new TlsOptions { ApplicationProtocols = options.ApplicationProtocols };
        Protection = PacketProtection.Create();
        _tokens = new AddressTokenSealer(Draw(AddressTokenSealer.KeyLength), Protection.ChaCha20Poly1305, random);
    }

    /// <summary>Connections that are not closed.</summary>
    public int ConnectionCount => _count;

    /// <summary>Entries of the tables that find connections: by connection ID and by stateless reset token.</summary>
    internal int TableSize => _connections.Count + _resetTokens.Count;

    internal EndpointOptions Options { get; }

    internal PacketProtection Protection { get; }

    internal StreamPool Pool { get; } = new();

    internal QueuePool<ConnectionEvent> Events { get; } = new();

    internal ILogger Logger => _logger;

    internal RandomSource Random => _random;

    /// <summary>When <see cref="HandleTimeout"/> is next due; null for never.</summary>
    public TimeSpan? Deadline
    {
        get
        {
            var earliest = _trimAt == 0 ? _timers.Earliest : Math.Min(_trimAt, _timers.Earliest);
            return earliest is long.MaxValue ? null : TimeSpan.FromTicks(earliest);
        }
    }

    /// <summary>Opens a connection.</summary>
    /// <param name="path">The way to the peer.</param>
    /// <param name="options">Whom to expect there, and as whom we call.</param>
    /// <param name="now">The time.</param>
    public QuicConnection Connect(in PathInfo path, ConnectOptions options, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(options);
        var tls = options.ApplicationProtocols.Count == 0 ? _tls : _tls with { ApplicationProtocols = options.ApplicationProtocols };
        var connection = QuicConnection.Client(this, path, options, tls, now.Ticks);
        _count++;
        Schedule(connection);
        return connection;
    }

    /// <summary>The next connection that a peer opened and whose handshake is complete.</summary>
    public bool TryAccept([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out QuicConnection? connection) => _accepted.TryDequeue(out connection);

    /// <summary>The next connection to which something has happened by a datagram or by time since it was last taken here: its events are
    /// worth a look. A host with many connections need not look at all of them.</summary>
    public bool TryTakeReady([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out QuicConnection? connection)
    {
        if (!_ready.TryDequeue(out connection)) { return false; }
        connection.IsReady = false;
        return true;
    }

    /// <summary>Takes a datagram from a path. Its bytes are decrypted in place.</summary>
    public void HandleDatagram(in PathInfo path, Span<byte> datagram, EcnCodepoint ecn, TimeSpan now)
    {
        if (datagram.IsEmpty) { return; }
        if (TryReadDestination(datagram, out var id) && _connections.TryGetValue(id, out var connection))
        {
            connection.HandleDatagram(path, datagram, ecn, now.Ticks);
            MarkReady(connection);
            Schedule(connection);
            return;
        }
        HandleStranger(path, datagram, ecn, now.Ticks);
    }

    /// <summary>Lets time pass: call it when <see cref="Deadline"/> is reached.</summary>
    public void HandleTimeout(TimeSpan now)
    {
        if (_trimAt != 0 && _trimAt <= now.Ticks)
        {
            Pool.Trim();
            _trimAt = 0;
        }
        if (_trimAt == 0 && Pool.IsLarge) { _trimAt = now.Ticks + TrimInterval; }
        while (_timers.TryTakeDue(now.Ticks, out var connection))
        {
            connection.HandleTimeout(now.Ticks);
            MarkReady(connection);
            Schedule(connection);
        }
    }

    /// <summary>Fills a buffer with what is to be sent next. Call it until it returns false.</summary>
    /// <param name="buffer">Room for one datagram at least: 1,500 bytes or the largest of the paths; up to 64 KiB lets batches form.</param>
    /// <param name="now">The time.</param>
    /// <param name="transmit">How much was written and where it goes.</param>
    public bool TryTakeTransmit(Span<byte> buffer, TimeSpan now, out Transmit transmit)
    {
        if (TryTakeAnswer(buffer, out transmit)) { return true; }
        while (_scheduled.TryPeek(out var connection))
        {
            if (connection.TryTakeTransmit(buffer, now.Ticks, out transmit))
            {
                // Connections take turns, a batch each.
                if (_scheduled.Count > 1) { _scheduled.Enqueue(_scheduled.Dequeue()); }
                return true;
            }
            _scheduled.Dequeue();
            connection.IsScheduled = false;
            if (connection.State != ConnectionState.Closed) { _timers.Set(connection, connection.NextDeadline()); }
        }
        transmit = default;
        return false;
    }

    /// <summary>Wipes keys. Connections end without a word: close them first.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_resetKey);
        _tokens.Dispose();
    }

    internal void MarkReady(QuicConnection connection)
    {
        if (connection.IsReady || !Options.ReportsReady) { return; }
        connection.IsReady = true;
        _ready.Enqueue(connection);
    }

    internal void Schedule(QuicConnection connection)
    {
        if (connection.IsScheduled) { return; }
        connection.IsScheduled = true;
        _scheduled.Enqueue(connection);
    }

    /// <summary>Adds the numbers of the paths of all connections, half-open and closing ones too: a host that numbers paths may use others anew.</summary>
    internal void AddPathsTo(HashSet<int> paths)
    {
        foreach (var connection in _connections.Values) { connection.AddPathsTo(paths); }
    }

    internal void Register(in ConnectionId id, QuicConnection connection) => _connections[id] = connection;

    internal void Unregister(in ConnectionId id) => _connections.Remove(id);

    internal void OnHandshakeComplete(QuicConnection connection)
    {
        if (connection.IsClient) { return; }
        _halfOpen--;
        _accepted.Enqueue(connection);
    }

    internal void Forget(QuicConnection connection, bool wasHalfOpen)
    {
        _timers.Remove(connection);
        connection.StopWaiting();
        if (wasHalfOpen && !connection.IsClient) { _halfOpen--; }
        _count--;
    }

    internal byte[] Draw(int length)
    {
        var bytes = new byte[length];
        _random.Fill(bytes);
        return bytes;
    }

    private static bool TryReadDestination(ReadOnlySpan<byte> datagram, out ConnectionId id)
    {
        id = default;
        if (!InvariantHeader.IsLong(datagram[0]))
        {
            if (datagram.Length < 1 + LocalConnectionIds.Length) { return false; }
            id = new(datagram.Slice(1, LocalConnectionIds.Length));
            return true;
        }
        if (!InvariantHeader.TryParse(datagram, out var header) || header.DestinationConnectionId.Length > ConnectionId.MaxLength) { return false; }
        id = new(header.DestinationConnectionId);
        return true;
    }
}
