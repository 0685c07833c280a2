using System.Buffers;
using System.Threading.Channels;
using Coco.Hosting;
using Coco.Transport;

namespace Coco;

/// <content>The session: what comes in, and its end on both sides.</content>
public sealed partial class NodeConnection
{
    // Chosen: streams the app has not taken; the peer's next ones are given up.
    private const int MaxWaiting = 256;

    private readonly Channel<ConnectionStream> _streams = Channel.CreateBounded<ConnectionStream>(MaxWaiting);
    private readonly Channel<ServiceStream> _services = Channel.CreateBounded<ServiceStream>(MaxWaiting);
    private readonly Channel<(byte[] Buffer, int Length)> _datagrams = Channel.CreateBounded<(byte[] Buffer, int Length)>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest },
        static dropped => ArrayPool<byte>.Shared.Return(dropped.Buffer));

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new(); // guards what follows
    private Task? _ending;
    private bool _isEndedByPeer;
    private long _opened;
    private long _arrived;
    private long _expected = -1;
    private TaskCompletionSource? _allArrived;

    /// <summary>A stream of the peer's.</summary>
    internal void HandleStream(ConnectionStream stream)
    {
        CountArrived();
        if (!_streams.Writer.TryWrite(stream)) { stream.Abort((ulong)(_ending is null ? WireError.TooMany : WireError.SessionEnded)); }
    }

    /// <summary>A stream of the peer's to a service that the policy allows.</summary>
    internal void HandleService(ServiceStream service)
    {
        if (!_services.Writer.TryWrite(service)) { service.Stream.Abort((ulong)(_ending is null ? WireError.TooMany : WireError.SessionEnded)); }
    }

    /// <summary>A datagram of the peer's.</summary>
    internal void HandleDatagram(ReadOnlySpan<byte> data)
    {
        if (DatagramSink is { } sink)
        {
            sink(data);
            return;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(buffer);
        if (!_datagrams.Writer.TryWrite((buffer, data.Length))) { ArrayPool<byte>.Shared.Return(buffer); }
    }

    /// <summary>One more of the streams that the peer opened is here.</summary>
    internal void CountArrived()
    {
        lock (_lock)
        {
            _arrived++;
            if (_arrived == _expected) { _allArrived?.TrySetResult(); }
        }
    }

    /// <summary>Completes when as many streams have arrived.</summary>
    internal Task WhenArrived(long count)
    {
        lock (_lock)
        {
            if (_arrived >= count) { return Task.CompletedTask; }
            _expected = count;
            _allArrived ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _allArrived.Task;
        }
    }

    /// <summary>The peer has ended the connection, and all its streams are here.</summary>
    internal void HandleEnd(ulong code)
    {
        Complete(new(CocoError.ConnectionClosed, $"{PeerId} closed the connection with code {code}."));
        bool isOver;
        lock (_lock) { (_isEndedByPeer, isOver) = (true, _ending is not null); }
        if (isOver) { _link.Forget(this); }
    }

    /// <summary>The association is over, and everything with it.</summary>
    internal void HandleLost(CocoException failure)
    {
        lock (_lock)
        {
            _isEndedByPeer = true;
            _ending ??= Task.CompletedTask;
        }
        Complete(failure);
    }

    private void Complete(CocoException failure)
    {
        _streams.Writer.TryComplete(failure);
        _services.Writer.TryComplete(failure);
        _datagrams.Writer.TryComplete(failure);
        _closed.TrySetResult();
    }

    private Task End(ulong code)
    {
        bool isOver;
        lock (_lock)
        {
            if (_ending is not null) { return _ending; }
            isOver = _isEndedByPeer;
            _ending = _link.SendSessionEndAsync(Number, _opened, code);
        }
        Complete(new(CocoError.ConnectionClosed, $"The connection with {PeerId} was closed here."));
        while (_streams.Reader.TryRead(out var stream)) { stream.Abort((ulong)WireError.SessionEnded); }
        while (_services.Reader.TryRead(out var service)) { service.Stream.Abort((ulong)WireError.SessionEnded); }
        while (_datagrams.Reader.TryRead(out var datagram)) { ArrayPool<byte>.Shared.Return(datagram.Buffer); }
        if (isOver) { _link.Forget(this); }
        return _ending;
    }

    private async ValueTask<ConnectionStream> OpenAsync(byte[] header, bool isBidirectional, CancellationToken cancellationToken)
    {
        if (_closed.Task.IsCompleted) { throw new CocoException(CocoError.ConnectionClosed, $"The connection with {PeerId} is over. Connect again."); }
        try
        {
            var stream = await _link.Connection.OpenStreamAsync(isBidirectional, cancellationToken).ConfigureAwait(false);
            try
            {
                await stream.WriteAsync(header, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                stream.Abort(0);
                throw;
            }
            lock (_lock) { _opened++; }
            return stream;
        }
        catch (TransportException exception)
        {
            throw Failures.Of(exception);
        }
    }

    private static async ValueTask<T> AcceptAsync<T>(ChannelReader<T> reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException exception) when (exception.InnerException is CocoException inner)
        {
            throw new CocoException(inner.Code, inner.Message, inner);
        }
    }
}
