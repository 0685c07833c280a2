using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Quic.Parameters;
using Coco.Quic.Paths;
using Coco.Quic.Recovery;
using Coco.Quic.Streams;
using Coco.Quic.Tls;
using Microsoft.Extensions.Logging;

namespace Coco.Quic.Connections;

/// <summary>
/// One QUIC connection (RFC 9000, 9001, 9002, 9221) as a core: datagrams and the time go in through its
/// <see cref="QuicEndpoint"/>, datagrams to send and events come out. Nothing here blocks or awaits, and one loop owns it together
/// with its endpoint. Times are monotonic since any origin that the host chose.
/// </summary>
public sealed partial class QuicConnection : IDisposable, ITimed
{
    private readonly QuicEndpoint _endpoint;
    private readonly QuicOptions _options;
    private readonly ILogger _logger;
    private readonly RandomSource _random;
    private readonly bool _isClient;
    private readonly PacketSpace _data = new(EncryptionLevel.OneRtt);
    private readonly SentFrameSlab _sentFrames = new();
    private readonly StreamSet _streams;
    private readonly LocalConnectionIds _localIds;
    private readonly RemoteConnectionIds _remoteIds;
    private Queue<ConnectionEvent>? _events; // while some wait
    private PacketSpace? _initial;
    private PacketSpace? _handshakeSpace;
    private IHandshake? _handshake;
    private TlsExporter? _exporter;
    private TransportParameters? _peerParameters;
    private ConnectionId _originalDestinationId; // of the client's first Initial, RFC 9000 §7.3
    private ConnectionId _peerHandshakeId; // Source Connection ID of the peer's first packet
    private ConnectionId _retrySourceId;
    private bool _wasRetried;
    private byte[] _token = []; // client: goes into every Initial
    private bool _confirmed;
    private bool _maySend; // a server stays silent until the client has shown that it knows whom it calls
    private bool _handshakeDonePending;
    private bool _pingPending;
    private readonly long _startTime;
    private bool _newTokenPending;
    private bool _handshakeDoneReceived;
    private bool _wasAccepted;
    private byte[]? _receivedToken;

    /// <summary>Where the connection is in its life.</summary>
    public ConnectionState State { get; private set; } = ConnectionState.Handshaking;

    /// <summary>Whether this side opened the connection.</summary>
    public bool IsClient => _isClient;

    /// <summary>The peer's identity, proved by the handshake; default before <see cref="ConnectionEventKind.Connected"/>.</summary>
    public NodeId PeerId { get; private set; }

    /// <summary>As whom a peer has called us; default before the handshake is complete, and on the caller's side.</summary>
    internal NodeId LocalId { get; private set; }

    /// <summary>The application protocol agreed on (ALPN); null before the handshake says so.</summary>
    public string? ApplicationProtocol { get; private set; }

    /// <summary>Why the connection ended; null while it has not.</summary>
    public CloseReason? CloseReason { get; private set; }

    /// <summary>What the application ties to this connection; the core does not look at it.</summary>
    public object? Tag { get; set; }

    /// <summary>Bytes of packets sent and of authentic packets received, on all paths.</summary>
    public long BytesCarried { get; private set; }

    /// <summary>Figures of the path in use.</summary>
    public ConnectionStatistics Statistics => new()
    {
        Path = _active.Id,
        SmoothedRtt = TimeSpan.FromTicks(_active.Rtt.Smoothed),
        MinimumRtt = TimeSpan.FromTicks(_active.Rtt.Minimum),
        CongestionWindow = _active.Congestion.Window,
        BytesInFlight = _active.Congestion.BytesInFlight,
        MaxDatagramSize = _active.Mtu.Current,
        PacketsSent = _packetsSent,
        PacketsReceived = _packetsReceived,
        PacketsLost = _packetsLost,
        BytesSent = _active.BytesSent,
        BytesReceived = _active.BytesReceived,
        EcnState = _active.Ecn.State.ToString(),
    };

    /// <summary>The next event, in order.</summary>
    public bool TryTakeEvent(out ConnectionEvent connectionEvent) => _endpoint.Events.TryTake(ref _events, out connectionEvent);

    /// <summary>The next event of a stream.</summary>
    public bool TryTakeStreamEvent(out StreamEvent streamEvent)
    {
        if (!_streams.TryTakeEvent(out streamEvent)) { return false; }
        if (streamEvent.Kind == StreamEventKind.Closed) { Touch(); } // gives the peer a stream back
        return true;
    }

    /// <summary>Opens a stream. False while the peer allows no more: an event tells when it does (RFC 9000 §4.6).</summary>
    public bool TryOpenStream(bool bidirectional, out long id)
    {
        id = -1;
        if (State is not (ConnectionState.Handshaking or ConnectionState.Connected)) { return false; }
        var opened = _streams.TryOpen(bidirectional, out id);
        if (!opened) { Touch(); } // STREAMS_BLOCKED
        return opened;
    }

    /// <summary>Writes to a stream as much as its send buffer takes.</summary>
    /// <param name="id">The stream.</param>
    /// <param name="data">Bytes to send; they are copied.</param>
    /// <param name="fin">Whether the stream ends behind them. It ends only once all of them were taken.</param>
    /// <param name="written">How many bytes were taken.</param>
    public StreamWriteResult Write(long id, ReadOnlySpan<byte> data, bool fin, out int written)
    {
        var result = _streams.Write(id, data, fin, out written);
        if (written > 0 || fin) { Touch(); }
        return result;
    }

    /// <summary>Reads from a stream what has arrived in order.</summary>
    public StreamReadResult Read(long id, Span<byte> destination, out int read, out bool fin)
    {
        var result = _streams.Read(id, destination, out read, out fin);
        if (_streams.HasControl) { Touch(); } // flow control credit
        return result;
    }

    /// <summary>Room of a stream's send buffer to write into without a copy, then <see cref="AdvanceWrite"/>; empty when the buffer is full.</summary>
    public Span<byte> GetWriteSpan(long id) => _streams.GetWriteSpan(id);

    /// <summary>Sends what was written into <see cref="GetWriteSpan"/>.</summary>
    public void AdvanceWrite(long id, int count, bool fin)
    {
        _streams.AdvanceWrite(id, count, fin);
        Touch();
    }

    /// <summary>Received bytes of a stream, to be used without a copy, then <see cref="AdvanceRead"/>; empty when there are none.</summary>
    public ReadOnlySpan<byte> PeekRead(long id) => _streams.PeekRead(id);

    /// <summary>Gives back what was used of <see cref="PeekRead"/>. True when the stream has ended behind it.</summary>
    public bool AdvanceRead(long id, int count)
    {
        var ended = _streams.AdvanceRead(id, count);
        if (_streams.HasControl) { Touch(); }
        return ended;
    }

    /// <summary>Gives up sending on a stream (RFC 9000 §3.5): the peer may not get what was written.</summary>
    public void ResetStream(long id, ulong code)
    {
        _streams.Reset(id, code);
        Touch();
    }

    /// <summary>Asks the peer to send no more on a stream (RFC 9000 §3.5).</summary>
    public void StopSending(long id, ulong code)
    {
        _streams.StopSending(id, code);
        Touch();
    }

    /// <summary>Sets the order among streams: urgency 0, first, to 7; default 3 (RFC 9218 §4.1). Incremental streams of one urgency take turns.</summary>
    public void SetPriority(long id, byte urgency, bool incremental) => _streams.SetPriority(id, urgency, incremental);

    /// <summary>Keeps at most so many bytes of a stream, in flight and unsent, in its send buffer; takes effect with the next write.</summary>
    internal void SetMaxBuffered(long id, long bytes) => _streams.SetMaxBuffered(id, bytes);

    /// <summary>The newest token the peer gave for the next connection to it (RFC 9000 §8.1.3); empty when it gave none.</summary>
    public ReadOnlyMemory<byte> ReceivedToken => _receivedToken;

    /// <summary>Sends a PING, which the peer acknowledges: keeps NAT mappings and the idle timer alive.</summary>
    public void Ping()
    {
        _pingPending = true;
        Touch();
    }

    /// <summary>Keying material bound to this connection (RFC 8446 §7.5, RFC 5705); false before the handshake is complete.</summary>
    public bool TryExportKeyingMaterial(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        if (_exporter is null) { return false; }
        _exporter.Export(label, context, destination);
        return true;
    }

    /// <summary>What <see cref="TryExportKeyingMaterial"/> needs, for a host to use on other threads and to wipe; null before the handshake is
    /// complete and once the connection is over.</summary>
    internal TlsExporter? CopyExporter() => State is ConnectionState.Closed ? null : _exporter?.Copy();

    /// <summary>Ends the connection without a word, if it is not over, and gives its buffers back. Close it first where the peer should know.</summary>
    public void Dispose()
    {
        Finish(new(CloseKind.LocalApplication, 0, 0, "The connection was disposed."));
        ReleaseStreams();
    }

    private void Raise(ConnectionEventKind kind, PathId path = default, ulong value = 0) =>
        _endpoint.Events.Enqueue(ref _events, new(kind, path, value));

    private void Touch() => _endpoint.Schedule(this);
}
