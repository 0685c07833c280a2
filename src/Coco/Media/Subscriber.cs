using Coco.Crypto;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Telemetry;
using Coco.Transport;

namespace Coco.Media;

/// <summary>One that this node sends a stream to. Thread-safe.</summary>
internal sealed class Subscriber
{
    private readonly MediaContext _context;
    private readonly NodeConnection _connection;
    private readonly ConnectionStream _stream;
    private readonly FrameStream _frames;
    private readonly SubscribeWords _words;
    private readonly Distribution _distribution;
    private readonly TaskSet _tasks = new();
    private readonly Lock _lock = new(); // guards what follows
    private readonly Dictionary<int, TrackSender> _senders = [];
    private readonly HashSet<string> _paused = new(StringComparer.Ordinal);
    private long _sent;
    private long _leftOut; // of senders that are over
    private int _freeCopies;
    private ReportWords? _report;
    private TimeSpan _reportedAt;
    private double _deliveryRate;
    private bool _isOver;
    private volatile bool _isLeaving; // the last was said: what is still asked has no answer, and is no reason to reset what was said

    public Subscriber(MediaContext context, Distribution distribution, NodeConnection connection, ConnectionStream stream, SubscribeWords words)
    {
        (_context, _distribution, _connection, _stream, _words) = (context, distribution, connection, stream, words);
        (_frames, _freeCopies) = (new(stream), words.Copies);
    }

    public NodeId Node => _connection.PeerId;

    public ulong Number => _words.Number;

    public bool WantsSignatures => _words.WantsSignatures;

    public TimeProvider Time => _context.Time;

    public TimeSpan Now => _context.Now;

    /// <summary>How long what is sent is on its way.</summary>
    public TimeSpan Transit => _connection.Statistics.MinimumRoundTripTime / 2;

    /// <summary>Bytes that the path may have in flight.</summary>
    public long Window => _connection.Statistics.CongestionWindow;

    public PlacedSubscriber Placed
    {
        get
        {
            lock (_lock) { return new(Node, _words.Copies > 0, _freeCopies); }
        }
    }

    public SubscriberStatistics Statistics
    {
        get
        {
            var transport = _connection.Statistics;
            var rtt = transport.RoundTripTime;
            lock (_lock)
            {
                return new()
                {
                    Node = Node,
                    Rebroadcasts = _words.Copies,
                    BytesSent = Interlocked.Read(ref _sent),
                    BytesDelivered = _report?.Bytes ?? 0,
                    DeliveryRate = _deliveryRate,
                    SendRate = _senders.Values.Sum(static one => one.BytesPerSecond),
                    WindowRate = rtt > TimeSpan.Zero ? transport.CongestionWindow / rtt.TotalSeconds : 0,
                    RoundTripTime = rtt,
                    BytesWaiting = _senders.Values.Sum(static one => one.Waiting.Bytes),
                    ObjectsLeftOut = _leftOut + _senders.Values.Sum(static one => one.Waiting.LeftOut),
                    ObjectsLost = _report?.Lost ?? 0,
                };
            }
        }
    }

    /// <summary>One more was sent there.</summary>
    public void TakeCopy()
    {
        lock (_lock) { _freeCopies = Math.Max(0, _freeCopies - 1); }
    }

    public void HandleSent(int bytes)
    {
        Interlocked.Add(ref _sent, bytes);
        StreamMetrics.Sent(bytes);
    }

    public ValueTask<ConnectionStream> OpenAsync(GroupHeader header, CancellationToken cancellationToken) =>
        _connection.OpenOneWayAsync(header.Encode(_connection.Number), cancellationToken);

    /// <summary>Says something; a subscriber that takes nothing for long is let go.</summary>
    public void Say(MediaFrame type, ReadOnlySpan<byte> body)
    {
        var bytes = new byte[(2 * VarInt.MaxLength) + body.Length];
        var writer = new SpanWriter(bytes);
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt((ulong)body.Length);
        writer.WriteBytes(body);
        if (!_frames.TrySend(bytes.AsMemory(0, writer.Position)) && !_isLeaving) { End(WireError.TooMany); }
    }

    /// <summary>Sends a track, where it is wanted.</summary>
    public void Add(LiveTrack track)
    {
        if (_words.Tracks.Count > 0 && !_words.Tracks.Contains(track.Info.Name))
        {
            lock (_lock) { _paused.Add(track.Info.Name); }
        }
        Begin(track);
    }

    /// <summary>Ends it with a code, and what is sent in it.</summary>
    public void End(WireError code)
    {
        StopSenders();
        _stream.Abort((ulong)code);
    }

    /// <summary>Ends it; the subscriber gets to hear what was said last.</summary>
    public void Leave()
    {
        StopSenders();
        _isLeaving = true;
        _frames.Complete();
    }

    /// <summary>Serves it until either side ends it.</summary>
    public async Task RunAsync(RecordReader reader)
    {
        var writing = _frames.WriteAsync();
        try
        {
            while (await reader.ReadAsync(default).ConfigureAwait(false) is var (type, body))
            {
                if (!Handle((MediaFrame)type, body)) { break; }
            }
        }
        catch (Exception exception) when (exception is TransportException or ObjectDisposedException)
        {
            // Either side has ended it, or the connection is lost.
        }
        StopSenders();
        _frames.Complete();
        await writing.ConfigureAwait(false);
        _stream.Abort(0);
        await _tasks.WhenAllEnded().ConfigureAwait(false);
    }

    private bool Handle(MediaFrame type, byte[] body)
    {
        var reader = new SpanReader(body);
        switch (type)
        {
            case MediaFrame.Pause when MediaText.TryReadLabel(ref reader) is { } name:
                Pause(name);
                return true;
            case MediaFrame.Resume when MediaText.TryReadLabel(ref reader) is { } name:
                lock (_lock) { _paused.Remove(name); }
                if (_distribution.Find(name) is { } track) { Begin(track); }
                return true;
            case MediaFrame.Report when ReportWords.TryRead(body) is { } report:
                Note(report);
                var answer = new byte[2 * VarInt.MaxLength];
                var writer = new SpanWriter(answer);
                writer.WriteVarInt(report.Echo);
                writer.WriteVarInt((ulong)_distribution.StreamTime.Ticks / TimeSpan.TicksPerMicrosecond);
                Say(MediaFrame.Time, writer.Written);
                return true;
            default:
                return type is not (MediaFrame.Pause or MediaFrame.Resume or MediaFrame.Report);
        }
    }

    private void Begin(LiveTrack track)
    {
        TrackSender sender;
        lock (_lock)
        {
            if (_isOver || _paused.Contains(track.Info.Name) || _senders.ContainsKey(track.Number)) { return; }
            sender = new(track, this, _context.Options);
            _senders.Add(track.Number, sender);
        }
        track.Add(sender, Now);
        _tasks.TryRun(sender.RunAsync);
    }

    private void Pause(string name)
    {
        TrackSender? sender;
        lock (_lock)
        {
            // More names than there are tracks are nobody's.
            if (_distribution.Find(name) is not { } track) { return; }
            _paused.Add(name);
            if (_senders.Remove(track.Number, out sender)) { _leftOut += sender.Waiting.LeftOut; }
        }
        Stop(sender);
    }

    private void Note(ReportWords report)
    {
        var now = Now;
        lock (_lock)
        {
            var passed = now - _reportedAt;
            if (_report is not null && passed > TimeSpan.Zero) { _deliveryRate = Math.Max(0, report.Bytes - _report.Bytes) / passed.TotalSeconds; }
            (_report, _reportedAt, _freeCopies) = (report, now, _words.Copies > 0 ? report.Copies : 0);
        }
    }

    private void StopSenders()
    {
        TrackSender[] senders;
        lock (_lock)
        {
            _isOver = true;
            senders = [.. _senders.Values];
            _leftOut += senders.Sum(static one => one.Waiting.LeftOut);
            _senders.Clear();
        }
        foreach (var sender in senders) { Stop(sender); }
    }

    private static void Stop(TrackSender? sender)
    {
        if (sender is null) { return; }
        sender.Track.Remove(sender);
        sender.Dispose();
    }
}
