using System.Runtime.InteropServices;

namespace Coco.Quic.Streams;

/// <summary>
/// All streams of one connection and the flow control over them (RFC 9000 §2, §3, §4). It knows nothing of packets: frames come
/// in as their fields and go out as bytes, and the connection says which of them arrived or were lost. A fresh or idle set
/// holds no arrays; what it needs it takes from the loop's <see cref="StreamPool"/>.
/// </summary>
internal sealed partial class StreamSet
{
    private const long ClientInitiated = 0;
    private const long ServerInitiated = 1;
    private const long UnidirectionalBit = 2;
    private const int TypeBits = 2;
    private const int LargeTable = 256;

    private readonly bool _isClient;
    private readonly StreamOptions _options;
    private readonly StreamPool _pool;
    private readonly StreamScheduler _scheduler;

    private Dictionary<long, StreamEntry>? _streams;
    private StreamEntry? _recent; // frames come in runs for one stream: this saves most look-ups

    private PeerLimits _peerLimits;
    private StreamCounter _localBidirectional;
    private StreamCounter _localUnidirectional;
    private StreamCounter _peerBidirectional;
    private StreamCounter _peerUnidirectional;

    private long _sendLimit; // the peer's MAX_DATA
    private long _sent;      // new bytes sent on all streams
    private long _sendBufferSize;
    private int _bufferingStreams; // streams with bytes that are not acknowledged
    private ReceiveWindow _receiveWindow;
    private long _received;  // the highest offsets of all streams, added up
    private int _receiveRanges;

    public StreamSet(bool isClient, StreamOptions options, StreamPool? pool = null)
    {
        _isClient = isClient;
        _options = options;
        _pool = pool ?? new();
        _scheduler = new(_pool);
        _sendBufferSize = options.SendBufferSize;
        _receiveWindow.Start(options.InitialConnectionWindow, options.MaxConnectionWindow);
        _peerBidirectional.Start(options.MaxBidirectionalStreams);
        _peerUnidirectional.Start(options.MaxUnidirectionalStreams);
    }

    /// <summary>Streams that exist now.</summary>
    public int Count => _streams?.Count ?? 0;

    /// <summary>New bytes sent on all streams: what counts against the peer's limit.</summary>
    public long BytesSent => _sent;

    /// <summary>The highest offsets received on all streams, added up: what counts against our limit.</summary>
    public long BytesReceived => _received;

    /// <summary>Bytes received that were read or will never be.</summary>
    public long BytesConsumed => _receiveWindow.Consumed;

    /// <summary>Bytes an application can still send on the whole connection before the peer says more.</summary>
    public long SendCredit => _sendLimit - _sent;

    /// <summary>
    /// Applies the peer's transport parameters by their names there (RFC 9000 §18.2), also to streams opened before they came. The
    /// peer's "local" is for streams the peer opens, its "remote" for ours.
    /// </summary>
    public void SetPeerLimits(
        ulong maxData,
        ulong maxStreamDataBidiLocal,
        ulong maxStreamDataBidiRemote,
        ulong maxStreamDataUni,
        ulong maxStreamsBidi,
        ulong maxStreamsUni)
    {
        _peerLimits = new((long)maxStreamDataBidiLocal, (long)maxStreamDataBidiRemote, (long)maxStreamDataUni);
        HandleMaxData(maxData);
        RaiseOpenLimit(ref _localBidirectional, (long)maxStreamsBidi, StreamEventKind.CanOpenBidirectional);
        RaiseOpenLimit(ref _localUnidirectional, (long)maxStreamsUni, StreamEventKind.CanOpenUnidirectional);
        if (_streams is null) { return; }
        foreach (var entry in _streams.Values)
        {
            if (entry.Send is { } send)
            {
                send.RaiseLimit(InitialSendLimit(entry.Id));
                UpdateSending(entry);
            }
        }
    }

    /// <summary>
    /// Lets the streams together buffer what the path can hold: the connection passes about twice its congestion window as that
    /// grows. The options cap it; it never shrinks.
    /// </summary>
    public void GrowSendBuffers(long size) =>
        _sendBufferSize = Math.Max(_sendBufferSize, Math.Min(size, _options.MaxSendBufferSize));

    /// <summary>Returns every buffer. The set is not used afterwards.</summary>
    public void Release()
    {
        if (_streams is null) { return; }
        foreach (var entry in _streams.Values)
        {
            Unlink(entry);
            _pool.Return(entry);
        }
        _streams = null;
        _recent = null;
        _receiveRanges = 0;
    }

    // A stream alone may use the whole buffer. Many full ones would keep the bytes of each out of the cache until they are sent.
    private long SendBufferShare => Math.Max(StreamPool.BlockSize, _sendBufferSize / Math.Max(1, _bufferingStreams));

    private long ShareOf(SendStream send) => Math.Min(SendBufferShare, send.MaxBuffered);

    private static bool IsUnidirectional(long id) => (id & UnidirectionalBit) != 0;

    private bool IsLocal(long id) => (id & 1) == (_isClient ? ClientInitiated : ServerInitiated);

    private bool CanSend(long id) => !IsUnidirectional(id) || IsLocal(id);

    private bool CanReceive(long id) => !IsUnidirectional(id) || !IsLocal(id);

    private ref StreamCounter CounterOf(long id)
    {
        if (IsLocal(id))
        {
            return ref IsUnidirectional(id) ? ref _localUnidirectional : ref _localBidirectional;
        }
        return ref IsUnidirectional(id) ? ref _peerUnidirectional : ref _peerBidirectional;
    }

    private long InitialSendLimit(long id) =>
        IsUnidirectional(id) ? _peerLimits.Unidirectional
        : IsLocal(id) ? _peerLimits.BidirectionalRemote
        : _peerLimits.BidirectionalLocal;

    private StreamEntry? Find(long id)
    {
        if (_recent is { } recent && recent.Id == id) { return recent; }
        if (_streams is null || !_streams.TryGetValue(id, out var entry)) { return null; }
        _recent = entry;
        return entry;
    }

    /// <summary>
    /// Finds the stream a frame is about, and opens it when the peer does so by this frame. No stream and no error: it was
    /// forgotten, and a late frame for it means nothing.
    /// </summary>
    private QuicErrorCode Resolve(long id, out StreamEntry? entry)
    {
        entry = Find(id);
        if (entry is not null) { return QuicErrorCode.NoError; }

        var index = id >> TypeBits;
        ref var counter = ref CounterOf(id);
        if (index < counter.Opened) { return QuicErrorCode.NoError; }
        // RFC 9000 §19.4-§19.10: frames for a stream of ours that we have not opened are STREAM_STATE_ERROR.
        if (IsLocal(id)) { return QuicErrorCode.StreamStateError; }
        // §4.6
        if (index >= counter.Limit) { return QuicErrorCode.StreamLimitError; }

        // §3.2: opening a stream opens all lower-numbered ones of its type. The limit bounds the loop.
        while (counter.Opened <= index)
        {
            entry = Add((counter.Opened << TypeBits) | (id & (UnidirectionalBit | ServerInitiated)));
            counter.Opened++;
            Raise(entry, StreamEventKind.Opened);
        }
        return QuicErrorCode.NoError;
    }

    private StreamEntry Add(long id)
    {
        var entry = _pool.RentEntry();
        entry.Id = id;
        if (CanSend(id))
        {
            entry.Send = _pool.RentSendStream();
            entry.Send.RaiseLimit(InitialSendLimit(id));
        }
        if (CanReceive(id))
        {
            entry.Receive = _pool.RentReceiveStream();
            entry.Receive.Start(_options.InitialStreamWindow, _options.MaxStreamWindow);
        }
        _streams ??= [];
        _streams.Add(id, entry);
        _recent = entry;
        return entry;
    }

    private void CheckEnded(StreamEntry entry)
    {
        if (entry.IsClosed || !entry.HasEnded) { return; }

        entry.IsClosed = true;
        ClearControl(entry, ~PendingControl.None);
        Raise(entry, StreamEventKind.Closed);
    }

    private void Forget(StreamEntry entry)
    {
        Unlink(entry);
        _streams!.Remove(entry.Id);
        if (_recent == entry) { _recent = null; }
        if (!IsLocal(entry.Id))
        {
            CounterOf(entry.Id).Closed++;
            QueueMaxStreams(entry.Id);
        }
        _pool.Return(entry);
        // A table that once was large is not kept by a connection that has gone quiet.
        if (_streams.Count == 0 && _streams.Capacity > LargeTable) { _streams = null; }
    }

    private void Unlink(StreamEntry entry)
    {
        if (entry.IsBuffering) { _bufferingStreams--; }
        _scheduler.Remove(entry);
        ClearControl(entry, ~PendingControl.None);
        ClearEvents(entry);
    }

    // The peer's limits for the streams it may receive on.
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct PeerLimits(long BidirectionalLocal, long BidirectionalRemote, long Unidirectional);
}
