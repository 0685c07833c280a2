using System.Net.Sockets;
using System.Net.WebSockets;
using Coco.Traversal.Links;

namespace Coco.Transport.Links;

/// <summary>
/// Datagrams over a stream that keeps their order and loses none. The owner's loop sends without waiting and gets what arrives in
/// batches; a task of the link moves the bytes.
/// </summary>
internal abstract class ReliableLink : IAsyncDisposable
{
    private readonly ILinkSink _sink;
    private readonly OutgoingQueue _outgoing;
    private readonly BatchPool _batches;
    private readonly CancellationTokenSource _stop;
    private readonly int _sendBuffer, _forwardMark;
    private readonly TimeSpan _closeTimeout;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new(); // guards the end and its reason
    private volatile bool _closing;
    private long _datagramsSent, _bytesSent, _datagramsReceived, _bytesReceived, _datagramsRefused;

    protected ReliableLink(Link link, LinkOptions options, ILinkSink sink, TimeProvider time)
    {
        Link = link;
        _sink = sink;
        _outgoing = new(options.SendBuffer, options.FullMark);
        (_sendBuffer, _forwardMark) = (options.SendBuffer, options.ForwardMark);
        _batches = new(options.ReceiveBatches);
        _closeTimeout = options.CloseTimeout;
        _time = time;
        _stop = new(Timeout.InfiniteTimeSpan, time);
    }

    public Link Link { get; }

    /// <summary>Bytes that wait to be sent, or are being sent.</summary>
    public int QueuedBytes => _outgoing.Bytes;

    public LinkStatistics Statistics => new(
        Volatile.Read(ref _datagramsSent), Volatile.Read(ref _bytesSent), Volatile.Read(ref _datagramsReceived),
        Volatile.Read(ref _bytesReceived), Volatile.Read(ref _datagramsRefused));

    /// <summary>Why it ended; null while it lives.</summary>
    public LinkFailure? EndReason { get; private set; }

    /// <summary>The same in words.</summary>
    public string EndDetail { get; private set; } = "";

    /// <summary>Queues datagrams, all of one size but the last. False when some of them, the last ones, did not fit and are lost.</summary>
    public bool TrySend(ReadOnlySpan<byte> datagrams, int segmentSize) => TrySend(datagrams, segmentSize, out _);

    /// <summary>The same, and says whether the link is full now: <see cref="ILinkSink.Writable"/> tells when more may come.</summary>
    public bool TrySend(ReadOnlySpan<byte> datagrams, int segmentSize, out bool isFull) => TryAdd(datagrams, segmentSize, _sendBuffer, out isFull);

    /// <summary>Queues datagrams of others, which may fill only a part of the queue.</summary>
    public bool TryForward(ReadOnlySpan<byte> datagrams, int segmentSize) => TryAdd(datagrams, segmentSize, _forwardMark, out _);

    /// <summary>Begins to close: what is queued still leaves if it can soon, what arrives is dropped.</summary>
    public void Close()
    {
        if (!TryEnd(LinkFailure.Closed, "closed by us")) { return; }
        _closing = true;
        _stop.CancelAfter(_closeTimeout);
        WakeBoth();
    }

    /// <summary>Ends at once, for a reason.</summary>
    public void Abort(LinkFailure reason, string detail)
    {
        TryEnd(reason, detail);
        _stop.Cancel();
    }

    /// <summary>Moves bytes until the link ends, and releases what it held. Called once.</summary>
    public async Task RunAsync()
    {
        using var interrupting = _stop.Token.Register(Stop);
        var receiving = GuardAsync(ReceiveAllAsync(_stop.Token));
        var sending = GuardAsync(SendAllAsync(_stop.Token));
        await Task.WhenAny(receiving, sending).ConfigureAwait(false);
        // Having sent its last, a link that is being closed waits for the other end to say the same.
        if (receiving.IsCompleted || !_closing) { await _stop.CancelAsync().ConfigureAwait(false); }
        await Task.WhenAll(receiving, sending).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false); // ends its timer; Abort may still come, so it is not disposed of

        _outgoing.Complete();
        Release();
        _ended.TrySetResult();
    }

    /// <summary>Closes and waits for the end; what is queued has <see cref="LinkOptions.CloseTimeout"/> to leave.</summary>
    public async ValueTask DisposeAsync()
    {
        Close();
        await _ended.Task.ConfigureAwait(false);
    }

    /// <summary>Reads until the other end closes in an orderly way, and delivers.</summary>
    protected abstract Task ReceiveAllAsync(CancellationToken cancellationToken);

    /// <summary>Sends datagrams, each behind 2 bytes of length.</summary>
    protected abstract ValueTask SendAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken);

    /// <summary>Tells the other end that nothing more comes.</summary>
    protected abstract ValueTask FinishSendingAsync(CancellationToken cancellationToken);

    /// <summary>Ends calls that were given no token.</summary>
    protected virtual void Interrupt()
    {
    }

    /// <summary>Closes the stream.</summary>
    protected abstract void Release();

    /// <summary>What the other end gets to react before the link goes.</summary>
    protected CancellationTokenSource StartCloseTimeout() => new(_closeTimeout, _time);

    /// <summary>An empty batch, when the owner has given one back; null when the link has ended.</summary>
    protected async ValueTask<LinkBatch?> RentBatchAsync(int size, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (_batches.TryRent(size) is { } batch) { return batch; }
            await _batches.Returned.WaitAsync().ConfigureAwait(false);
        }
        return null;
    }

    /// <summary>Hands a batch to the owner.</summary>
    protected void Deliver(LinkBatch batch)
    {
        if (_closing || batch.Count == 0)
        {
            batch.Dispose();
            return;
        }
        Volatile.Write(ref _datagramsReceived, _datagramsReceived + batch.Count);
        Volatile.Write(ref _bytesReceived, _bytesReceived + batch.Length);
        _sink.Received(Link, batch);
    }

    private bool TryAdd(ReadOnlySpan<byte> datagrams, int segmentSize, int limit, out bool isFull)
    {
        var refused = _outgoing.Add(datagrams, segmentSize, limit, out isFull);
        if (refused > 0) { Interlocked.Add(ref _datagramsRefused, refused); }
        return refused == 0;
    }

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (!_outgoing.TryTake(out var frames, out var count, out var wasFull))
            {
                if (_closing) { break; }
                await _outgoing.Ready.WaitAsync().ConfigureAwait(false);
                continue;
            }
            if (wasFull) { _sink.Writable(Link); } // the next are made while these leave
            try
            {
                await SendAsync(frames, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _outgoing.Sent();
            }
            Volatile.Write(ref _datagramsSent, _datagramsSent + count);
            Volatile.Write(ref _bytesSent, _bytesSent + frames.Length - (count * TcpFraming.LengthSize));
        }
        await FinishSendingAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task GuardAsync(Task moving)
    {
        try
        {
            await moving.ConfigureAwait(false);
            if (!_stop.IsCancellationRequested && !_closing) { TryEnd(LinkFailure.Closed, "closed by the other end"); }
        }
        catch (Exception exception) when (exception is LinkException or SocketException or IOException or WebSocketException
            or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            var (reason, detail) = LinkErrors.Describe(exception);
            TryEnd(reason, detail);
        }
    }

    private bool TryEnd(LinkFailure reason, string detail)
    {
        lock (_gate)
        {
            if (EndReason is not null) { return false; }
            (EndReason, EndDetail) = (reason, detail);
            return true;
        }
    }

    private void Stop()
    {
        Interrupt();
        WakeBoth();
    }

    private void WakeBoth()
    {
        _outgoing.Ready.Set();
        _batches.Returned.Set();
    }
}
