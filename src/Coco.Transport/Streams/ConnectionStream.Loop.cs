using Coco.Quic.Connections;
using Coco.Transport.Loop;

namespace Coco.Transport;

/// <summary>What the loop does with a stream.</summary>
public sealed partial class ConnectionStream
{
    private const ulong NoAbort = ulong.MaxValue;

    private readonly EndpointLoop _loop;
    private readonly QuicConnection _quic;
    private readonly bool _canReceive;
    private readonly bool _canSend;
    private readonly Action _post;
    private readonly LoopSide _loopSide;
    private int _isPosted;
    private ulong _abortCode = NoAbort;
    private volatile bool _isDisposed;
    private volatile bool _isEndRequested;
    private bool _isReleased;
    private Sending? _sending;

    internal ConnectionStream(Connection connection, EndpointLoop loop, QuicConnection quic, long id, bool canReceive, bool canSend)
    {
        Connection = connection;
        Id = id;
        _loop = loop;
        _quic = quic;
        _canReceive = canReceive;
        _canSend = canSend;
        _post = Post;
        _loopSide = new(this);
    }

    /// <summary>Who awaited a read or a write of at most so many bytes goes on at once, on the endpoint's own thread: a change of thread less for each message, for
    /// code that never blocks there. 0, the default, for none.</summary>
    internal int InlineLength { get; set; }

    /// <summary>Whether the caller is on the endpoint's own thread.</summary>
    internal bool IsOnLoop => _loop.IsCurrent;

    /// <summary>When the stream sends among those of its connection: urgency 0, first, to 7; default 3, taking turns (RFC 9218 §4.1). And how many bytes
    /// of it, in flight and unsent, are kept below at most: what is late then need not be sent. For what is written from now on.</summary>
    internal void SetSending(byte urgency, bool incremental, long maxBuffered)
    {
        Volatile.Write(ref _sending, new(urgency, incremental, maxBuffered));
        Post();
    }

    internal void HandleReadableEvent() => HandleReadable();

    internal void HandleWritableEvent() => ContinueWrite();

    internal void HandleSendFinished() => IsFinishing = false;

    internal void HandleReset(ulong code) =>
        FailReads(new TransportException(TransportError.StreamReset, $"The peer gave up sending on the stream with code {code}.", code));

    internal void HandleStopped(ulong code)
    {
        FailWrites(new TransportException(TransportError.StreamStopped, $"The peer takes no more on the stream, with code {code}.", code));
        Connection.HandleFinished();
    }

    internal void HandleConnectionClosed(Exception failure)
    {
        FailReads(failure);
        FailWrites(failure);
    }

    /// <summary>Nothing comes of the stream any more. A timeout of hours would hold it, and its connection, for as long.</summary>
    internal void ReleaseTimer() => _loop.Timers.Cancel(_loopSide);

    /// <summary>Ends the writes without waiting for it.</summary>
    internal void RequestEnd()
    {
        _isEndRequested = true;
        Post();
    }

    private void RequestAbort(ulong code)
    {
        Interlocked.CompareExchange(ref _abortCode, code, NoAbort);
        Post();
    }

    private void RequestDispose() => Post();

    private void Post()
    {
        if (_loop.IsCurrent && !_loop.HasEnded) { RunOnLoop(_loop.Now); }
        else if (Interlocked.Exchange(ref _isPosted, 1) == 0) { _loop.Post(_loopSide); }
    }

    private void TakePost() => Interlocked.Exchange(ref _isPosted, 0);

    private void RunOnLoop(TimeSpan now)
    {
        if (Interlocked.Exchange(ref _sending, null) is { } sending && _canSend)
        {
            _quic.SetPriority(Id, sending.Urgency, sending.IsIncremental);
            _quic.SetMaxBuffered(Id, sending.MaxBuffered);
        }
        ContinueRead();
        ContinueWrite();
        if (Interlocked.Read(ref _abortCode) is var code && code != NoAbort) { GiveUp(code); }
        if (_isDisposed) { Release(); }
        else if (_isEndRequested && _canSend && Volatile.Read(ref _writeWaits) == 0) { Finish(); }
        SetTimer();
        Connection.HandleActivity(now);
    }

    private void GiveUp(ulong code)
    {
        if (_isReleased) { return; }
        _isReleased = true;
        var failure = new TransportException(TransportError.ClosedHere, $"The stream was given up here with code {code}.");
        if (_canSend) { _quic.ResetStream(Id, code); }
        if (_canReceive && !_isEndRead) { _quic.StopSending(Id, code); }
        HandleConnectionClosed(failure);
        Connection.HandleFinished();
    }

    private void Release()
    {
        if (_isReleased) { return; }
        if (Volatile.Read(ref _writeWaits) != 0)
        {
            // A part of a write is not what the caller meant to send: the peer must not take it for all.
            FailWrites(new ObjectDisposedException(nameof(ConnectionStream)));
            _quic.ResetStream(Id, 0);
        }
        _isReleased = true;
        if (_canSend) { Finish(); }
        if (_canReceive && !_isEndRead) { _quic.StopSending(Id, 0); }
        FailReads(new ObjectDisposedException(nameof(ConnectionStream)));
    }

    private void SetTimer()
    {
        var due = TimeSpan.MaxValue;
        if (Volatile.Read(ref _writeWaits) != 0) { due = _write!.Deadline; }
        if (Volatile.Read(ref _readState) == ReadWaits && _read!.Deadline < due) { due = _read.Deadline; }
        if (due < TimeSpan.MaxValue) { _loop.Timers.Set(_loopSide, due); }
    }

    private TimeSpan DeadlineAfter(int milliseconds) =>
        milliseconds == Timeout.Infinite ? TimeSpan.MaxValue : _loop.Now + TimeSpan.FromMilliseconds(milliseconds);

    private sealed record Sending(byte Urgency, bool IsIncremental, long MaxBuffered);

    private sealed class LoopSide(ConnectionStream stream) : LoopTimer, ILoopItem
    {
        public void Run(TimeSpan now)
        {
            stream.TakePost();
            stream.RunOnLoop(now);
        }

        public override void Fire(TimeSpan now) => stream.RunOnLoop(now);

        public void Refuse()
        {
            stream.TakePost();
            stream.HandleConnectionClosed(Endpoint.Ended());
        }
    }
}
