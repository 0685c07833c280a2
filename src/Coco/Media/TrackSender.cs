using Coco.Hosting;
using Coco.Telemetry;
using Coco.Transport;

namespace Coco.Media;

/// <summary>
/// Sends one track to one subscriber, a stream for each group. Where an object cannot be written in time its stream is reset, so that
/// nothing late is sent for it any more, and what follows goes on another.
/// </summary>
internal sealed partial class TrackSender : IDisposable
{
    // Chosen: what is below the transport's window, and may become late there. More than a packet or two keeps the path busy while the writer is woken.
    private const int MaxUnsent = 16 << 10;

    // Chosen: rates vary, and what is too late was sent for nothing.
    private const double Caution = 1.25;

    private readonly Lock _lock = new(); // guards the queue and _first
    private readonly ObjectQueue _queue;
    private readonly Signal _signal = new();
    private readonly LiveTrack _track;
    private readonly Subscriber _subscriber;
    private readonly List<QueueEntry> _leftOut = []; // since the last object of the stream
    private readonly List<(ConnectionStream Stream, TimeSpan DueAt)> _finishing = [];
    private readonly RateMeter _rate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stopped;
    private int _isStopped;
    private long _counted; // of those left out; the runner's
    private long _first;
    private ConnectionStream? _stream;
    private ObjectPlace _next; // on the stream
    private long _previous = -1; // where the stream before this one began
    private TimeSpan _streamDueAt;
    private TimeSpan _beforeLeftAt; // when what is on streams before it has left
    private long _room; // of the stream
    private long _onStream; // bytes written to it

    public TrackSender(LiveTrack track, Subscriber subscriber, MediaOptions options)
    {
        (_track, _subscriber, _stopped) = (track, subscriber, _stopping.Token);
        _queue = new(options.MaxQueuedBytes, options.MaxQueuedObjects, track.Info.IsDependent, subscriber.WantsSignatures);
    }

    public LiveTrack Track => _track;

    /// <summary>Bytes that wait, and objects left out so far.</summary>
    public (long Bytes, long LeftOut) Waiting
    {
        get
        {
            lock (_lock) { return (_queue.Bytes, _queue.LeftOut); }
        }
    }

    /// <summary>How fast objects leave, where some wait; else 0.</summary>
    public double BytesPerSecond => _rate.BytesPerSecond;

    /// <summary>The first group to be sent.</summary>
    public void BeginAt(long group)
    {
        lock (_lock) { _first = group; }
    }

    public void Add(QueueEntry entry)
    {
        if (entry.Signature is not null && !_subscriber.WantsSignatures) { return; }
        lock (_lock)
        {
            if (entry.Place.Group < _first) { return; }
            _queue.Add(entry);
        }
        _signal.Set();
    }

    /// <summary>Ends it; what has not been sent never will be.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isStopped, 1) != 0) { return; }
        _stopping.Cancel();
        _stopping.Dispose();
    }

    /// <summary>Sends until it is stopped or the connection is lost.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                if (TryTake() is { } entry) { await SendAsync(entry).ConfigureAwait(false); }
                else { await WaitAsync().ConfigureAwait(false); }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or CocoException or ObjectDisposedException)
        {
            // Stopped, or the session is over.
        }
        GiveUp();
        foreach (var (stream, _) in _finishing) { stream.Abort((ulong)WireError.Late); }
    }

    private QueueEntry? TryTake()
    {
        // What was written before is still to leave.
        var transit = _subscriber.Transit + (Caution * _rate.Left(_subscriber.Now));
        QueueEntry? entry;
        long leftOut;
        lock (_lock)
        {
            _queue.TryTake(_subscriber.Now, _rate.BytesPerSecond, transit, out entry);
            leftOut = _queue.LeftOut - _counted;
            _counted += leftOut;
        }
        if (leftOut > 0) { StreamMetrics.LeftOut(leftOut); }
        return entry;
    }

    // Where the rate is known, no more than is on its way and leaves in a quarter of a deadline: what is below cannot be left out for what matters more.
    private long MaxBuffered
    {
        get
        {
            var most = _subscriber.Window + MaxUnsent;
            var rate = _rate.BytesPerSecond;
            var time = (_track.Info.Deadline / 4) + (2 * _subscriber.Transit);
            return rate > 0 ? Math.Clamp((long)Math.Min(long.MaxValue / 2, rate * time.TotalSeconds), MaxUnsent, most) : most;
        }
    }

    // Of streams before this one.
    private long BufferedBefore(TimeSpan now) =>
        _beforeLeftAt > now ? (long)Math.Min(long.MaxValue / 2, (_beforeLeftAt - now).TotalSeconds * _rate.BytesPerSecond) : 0;

    // Streams that have ended and were not acknowledged by their deadline are reset, so that nothing is sent again that is late.
    private async Task WaitAsync()
    {
        _rate.HandleIdle(_subscriber.Now);
        EndLate();
        var signalled = _signal.WaitAsync(_stopped);
        if (_finishing.Count == 0)
        {
            await signalled.ConfigureAwait(false);
            return;
        }
        var wait = _finishing.Min(static one => one.DueAt) - _subscriber.Now;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stopped);
        var late = Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _subscriber.Time, over.Token);
        await Task.WhenAny(signalled, late).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        if (!signalled.IsCompleted) { _signal.Set(); } // nobody may be left waiting beside the next
        await signalled.ConfigureAwait(false);
    }

    private void EndLate()
    {
        var now = _subscriber.Now;
        for (var i = _finishing.Count - 1; i >= 0; i--)
        {
            var (stream, dueAt) = _finishing[i];
            if (stream.IsFinishing && dueAt > now) { continue; }
            if (stream.IsFinishing) { stream.Abort((ulong)WireError.Late); }
            else { stream.Dispose(); }
            _finishing.RemoveAt(i);
        }
    }

    private async Task SendAsync(QueueEntry entry)
    {
        if (entry.Signature is { } signature)
        {
            if (_stream is not null && signature.Group == _next.Group) { await WriteSignatureAsync(signature).ConfigureAwait(false); }
            return;
        }
        if (_stream is not null && entry.Place.Group != _next.Group) { await EndGroupAsync().ConfigureAwait(false); }
        if (entry.IsLeftOut)
        {
            if (_stream is not null) { _leftOut.Add(entry); }
            return;
        }
        var begun = _subscriber.Now;
        if (!await TryWriteAsync(entry, begun).ConfigureAwait(false))
        {
            lock (_lock) { _queue.NoteLost(entry); }
            return;
        }
        // Where less was written than there is room for, whatever took time was not the path.
        _rate.Add(begun, _subscriber.Now, entry.Length, _onStream > _room ? _room + BufferedBefore(begun) : 0, _track.Info.Deadline / 2);
        _subscriber.HandleSent(entry.Length);
    }

    private async Task<bool> TryWriteAsync(QueueEntry entry, TimeSpan now)
    {
        var left = entry.DueAt - now;
        if (left <= TimeSpan.Zero) { return false; }
        try
        {
            if (_stream is null || _next.Index + _leftOut.Count != entry.Place.Index)
            {
                GiveUp();
                await OpenAsync(entry, left).ConfigureAwait(false);
            }
            var stream = _stream!;
            var (urgency, isIncremental) = ((byte)(_track.Info.Priority >> 5), false);
            _room = Math.Max(MaxUnsent, MaxBuffered - BufferedBefore(now));
            stream.SetSending(urgency, isIncremental, _room);
            stream.WriteTimeout = (int)Math.Clamp(Math.Ceiling(left.TotalMilliseconds), 1, int.MaxValue);
            await WriteAsync(stream, entry.Object!).ConfigureAwait(false);
            _onStream += entry.Length;
            _next = new(entry.Place.Group, entry.Place.Index + 1, entry.Place.Sequence + 1, ObjectPlace.NoChain);
            _streamDueAt = entry.DueAt > _streamDueAt ? entry.DueAt : _streamDueAt;
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException || (exception is OperationCanceledException && !_stopped.IsCancellationRequested))
        {
            GiveUp();
            return false;
        }
        catch (TransportException exception)
        {
            // The subscriber does not want this stream, or the connection is lost.
            GiveUp();
            if (exception.Code is TransportError.StreamStopped) { return false; }
            throw Failures.Of(exception);
        }
    }
}
