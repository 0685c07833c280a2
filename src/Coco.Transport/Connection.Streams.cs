using System.Threading.Channels;
using Coco.Transport.Loop;

namespace Coco.Transport;

/// <summary>Streams: opened, accepted, found.</summary>
public sealed partial class Connection
{
    private const int UnidirectionalBit = 2; // RFC 9000 §2.1

    private Dictionary<long, ConnectionStream>? _streams;
    private Queue<OpenRequest>? _waitingBidirectional;
    private Queue<OpenRequest>? _waitingUnidirectional;
    private Channel<ConnectionStream>? _accepted; // made by whoever comes first, the peer's stream or the application
    private Exception? _failure;

    private ValueTask<ConnectionStream> OpenAsync(bool bidirectional, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) { return ValueTask.FromCanceled<ConnectionStream>(cancellationToken); }
        var request = new OpenRequest(this, bidirectional, _loop.Options.InlineContinuations);
        if (_loop.IsCurrent) { request.Run(_loop.Now); }
        else if (!_loop.TryPost(request)) { return ValueTask.FromException<ConnectionStream>(Endpoint.Overloaded()); }
        return request.WaitAsync(cancellationToken);
    }

    private async ValueTask<ConnectionStream> AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Accepted().Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException exception) when (exception.InnerException is TransportException inner)
        {
            throw new TransportException(inner.Code, inner.Message, inner.ApplicationCode, inner);
        }
    }

    private Channel<ConnectionStream> Accepted()
    {
        if (Volatile.Read(ref _accepted) is { } existing) { return existing; }
        // Its length is limited by the streams that the peer may have open. A channel without a bound is made for many items and holds room
        // for them from the start, 700 bytes that most connections never need.
        var made = Channel.CreateBounded<ConnectionStream>(
            new BoundedChannelOptions(int.MaxValue) { SingleWriter = true, AllowSynchronousContinuations = _loop.Options.InlineContinuations });
        var used = Interlocked.CompareExchange(ref _accepted, made, null) ?? made;
        if (Volatile.Read(ref _failure) is { } failure) { used.Writer.TryComplete(failure); }
        return used;
    }

    private void HandleStreamOpened(long id)
    {
        var stream = Add(id, canReceive: true, canSend: (id & UnidirectionalBit) == 0);
        if (!Accepted().Writer.TryWrite(stream)) { stream.Abort(0); }
    }

    private ConnectionStream Add(long id, bool canReceive, bool canSend)
    {
        var stream = new ConnectionStream(this, _loop, _core.Quic!, id, canReceive, canSend);
        (_streams ??= []).Add(id, stream);
        return stream;
    }

    private void Open(OpenRequest request)
    {
        if (_failure is not null)
        {
            request.Fail(_failure);
            return;
        }
        ref var waiting = ref request.IsBidirectional ? ref _waitingBidirectional : ref _waitingUnidirectional;
        if (waiting is { Count: > 0 } || !TryOpen(request)) { (waiting ??= new()).Enqueue(request); }
    }

    private void OpenWaiting(bool bidirectional)
    {
        ref var waiting = ref bidirectional ? ref _waitingBidirectional : ref _waitingUnidirectional;
        while (waiting is not null && waiting.TryPeek(out var request))
        {
            if (!request.IsCancelled && !TryOpen(request)) { return; }
            waiting?.TryDequeue(out _);
        }
        waiting = null;
    }

    private bool TryOpen(OpenRequest request)
    {
        if (!_core.Quic!.TryOpenStream(request.IsBidirectional, out var id)) { return false; }
        var stream = Add(id, canReceive: request.IsBidirectional, canSend: true);
        if (!request.TryAnswer(stream)) { stream.Abort(0); }
        return true;
    }

    private void FailStreams(Exception failure)
    {
        Volatile.Write(ref _failure, failure);
        Volatile.Read(ref _accepted)?.Writer.TryComplete(failure);
        foreach (var waiting in new[] { _waitingBidirectional, _waitingUnidirectional })
        {
            while (waiting is not null && waiting.TryDequeue(out var request)) { request.Fail(failure); }
        }
        if (_streams is null) { return; }
        // A copy: whoever hears of it may dispose its stream at once.
        foreach (var stream in _streams.Values.ToArray())
        {
            stream.HandleConnectionClosed(failure);
            stream.ReleaseTimer();
        }
    }

    private sealed class OpenRequest(Connection connection, bool isBidirectional, bool runsInline) : ILoopItem
    {
        private readonly TaskCompletionSource<ConnectionStream> _source =
            new(runsInline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsBidirectional => isBidirectional;

        public bool IsCancelled => _source.Task.IsCompleted;

        public void Run(TimeSpan now) => connection.Open(this);

        public void Refuse() => Fail(Endpoint.Ended());

        public bool TryAnswer(ConnectionStream stream) => _source.TrySetResult(stream);

        public void Fail(Exception failure) => _source.TrySetException(failure);

        public async ValueTask<ConnectionStream> WaitAsync(CancellationToken cancellationToken)
        {
            var registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((TaskCompletionSource<ConnectionStream>)state!).TrySetCanceled(token), _source);
            await using (registration.ConfigureAwait(false)) { return await _source.Task.ConfigureAwait(false); }
        }
    }
}
