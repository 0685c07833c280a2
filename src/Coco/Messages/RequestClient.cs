using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Messages;

/// <summary>This node's requests to one peer, on one stream that is made again when it was lost; requests not answered by then are sent again.</summary>
internal sealed class RequestClient(NodeId peer, ulong instance, SessionPool<MessageSession> sessions, MessageOptions options, TimeProvider time)
{
    private const int IdleTicks = 20;

    private readonly AsyncSignal _signal = new();
    private readonly Lock _lock = new(); // guards the four below
    private readonly Dictionary<ulong, SentRequest> _waiting = [];
    private readonly Queue<SentRequest> _unsent = new();
    private readonly Queue<ulong> _withdrawn = new();
    private ConnectionStream? _stream;
    private bool _isOver;
    private int _idleTicks;

    public NodeId Peer => peer;

    /// <summary>Why the peer was not reached last; null when it was.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>False when there are too many.</summary>
    public bool TryAdd(SentRequest request)
    {
        lock (_lock)
        {
            if (_waiting.Count >= options.MaxRequests) { return false; }
            _waiting.Add(request.Number, request);
            _unsent.Enqueue(request);
        }
        _signal.Set();
        return true;
    }

    /// <summary>Nobody waits any more.</summary>
    public void Remove(SentRequest request)
    {
        lock (_lock)
        {
            if (_waiting.Remove(request.Number)) { _withdrawn.Enqueue(request.Number); }
        }
        _signal.Set();
    }

    public void Tick()
    {
        lock (_lock) { _idleTicks = _waiting.Count > 0 ? 0 : _idleTicks + 1; }
        if (_idleTicks > IdleTicks) { _signal.Set(); }
    }

    public void Stop()
    {
        _stream?.Abort((ulong)WireError.Unused);
        lock (_lock)
        {
            foreach (var request in _waiting.Values) { request.Answer.TrySetException(new ObjectDisposedException(nameof(Node), "The node is disposed.")); }
        }
    }

    /// <summary>Until nothing has waited for a while.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!IsIdle() && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RunStreamAsync(cancellationToken).ConfigureAwait(false);
                Failure = null;
            }
            catch (Exception exception) when (exception is CocoException or TransportException or InvalidOperationException)
            {
                Failure = exception;
                if (exception is CocoException { Code: CocoError.NotFound or CocoError.Removed } final) { FailAll(final); }
                await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public bool IsIdle()
    {
        lock (_lock) { return _waiting.Count == 0 && _idleTicks > IdleTicks; }
    }

    private void FailAll(CocoException failure)
    {
        lock (_lock)
        {
            foreach (var request in _waiting.Values) { request.Answer.TrySetException(new CocoException(failure.Code, failure.Message, failure)); }
            _waiting.Clear();
            _idleTicks = IdleTicks + 1;
        }
    }

    private async Task RunStreamAsync(CancellationToken cancellationToken)
    {
        var session = await sessions.UseAsync(peer, cancellationToken).ConfigureAwait(false);
        try
        {
            var header = StreamHeader.Of(StreamKind.Message, session.Connection.Number, (ulong)MessageStreamType.Requests);
            var stream = await session.Connection.OpenWithAsync(header, cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                (_stream, _isOver) = (stream, false);
                var hearing = HearAsync(stream);
                try
                {
                    await SendAsync(stream, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    stream.Abort((ulong)WireError.Unused);
                    await hearing.ConfigureAwait(false);
                }
            }
        }
        finally
        {
            sessions.Release(session);
        }
    }

    private async Task SendAsync(ConnectionStream stream, CancellationToken cancellationToken)
    {
        using var frames = new FrameBuffer();
        WriteBegin(frames);
        lock (_lock)
        {
            _unsent.Clear();
            foreach (var request in _waiting.Values) { _unsent.Enqueue(request); }
        }
        while (!Volatile.Read(ref _isOver) && !IsIdle())
        {
            if (TakeFrames(frames))
            {
                await stream.WriteAsync(frames.Written, cancellationToken).ConfigureAwait(false);
                frames.Clear();
            }
            else { await _signal.WaitAsync(cancellationToken).ConfigureAwait(false); }
        }
    }

    private void WriteBegin(FrameBuffer frames)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, instance);
        frames.Write(MessageFrameType.Begin, [1], bytes);
    }

    private bool TakeFrames(FrameBuffer frames)
    {
        lock (_lock)
        {
            while (frames.Length < 64 << 10 && _withdrawn.TryDequeue(out var number)) { frames.Write(MessageFrameType.Withdraw, number); }
            while (frames.Length < 64 << 10 && _unsent.TryDequeue(out var request))
            {
                var left = request.Deadline - time.GetUtcNow();
                if (left <= TimeSpan.Zero || !_waiting.ContainsKey(request.Number)) { continue; }
                frames.Write(MessageFrameType.Request, [request.Number, (ulong)Math.Min(left.TotalMilliseconds, uint.MaxValue), (ulong)request.Subject.Length], request.Subject, request.Data.Span);
            }
            return frames.Length > 0;
        }
    }

    private async Task HearAsync(ConnectionStream stream)
    {
        using var reader = new FrameReader(stream, options.MaxMessageSize + VarInt.MaxLength);
        try
        {
            while (await reader.ReadAsync().ConfigureAwait(false))
            {
                while (reader.TryTake(out var type, out var body))
                {
                    if (type is not MessageFrameType.Reply || !VarInt.TryRead(body, out var number, out var length)) { continue; }
                    SentRequest? request;
                    lock (_lock) { _waiting.Remove(number, out request); }
                    request?.Answer.TrySetResult(body[length..].ToArray());
                }
            }
        }
        catch (Exception exception) when (exception is TransportException or ObjectDisposedException)
        {
            // The stream is over.
        }
        Volatile.Write(ref _isOver, true);
        _signal.Set();
    }
}
