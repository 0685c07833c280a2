using Coco.Quic.Streams;
using Coco.Transport.Loop;
using Coco.Transport.Streams;

namespace Coco.Transport;

/// <summary>Bytes from the application to the loop.</summary>
public sealed partial class ConnectionStream
{
    private StreamOperation? _write;
    private int _writeWaits;
    private volatile bool _areWritesCompleted;
    private Exception? _writeFailure;
    private bool _isEndWritten;

    /// <summary>Whether the end was written and not yet acknowledged.</summary>
    internal bool IsFinishing { get; private set; }

    /// <summary>Told once when the peer takes no more or the stream is lost, on a thread of the pool: for who does not wait for each write.</summary>
    internal Action<Exception>? WritesFailed { get; set; }

    private ValueTask StartWrite(ReadOnlyMemory<byte> buffer, bool isLast, CancellationToken cancellationToken)
    {
        if (!isLast && buffer.IsEmpty) { return default; }
        _write ??= new(_post, _loop.Options.InlineContinuations);
        _write.InlineLength = InlineLength;
        _write.Begin(buffer, isLast, DeadlineAfter(WriteTimeout), cancellationToken);
        if (isLast) { _areWritesCompleted = true; }
        var task = _write.AsWriteTask();
        Volatile.Write(ref _writeWaits, 1);
        if (_loop.IsCurrent || buffer.Length > EndpointLoop.MostWrittenHere || !_loop.TryWriteHere(this)) { Post(); }
        return task;
    }

    /// <summary>Does the write that waits; by the owner of the loop.</summary>
    internal void WriteNow()
    {
        ContinueWrite();
        SetTimer();
    }

    private void FailWrites(Exception failure)
    {
        if (_writeFailure is null && WritesFailed is { } told) { ThreadPool.UnsafeQueueUserWorkItem(told, failure, preferLocal: false); }
        _writeFailure ??= failure;
        IsFinishing = false;
        ContinueWrite();
    }

    private void ContinueWrite()
    {
        if (Volatile.Read(ref _writeWaits) == 0 || _write is not { } operation) { return; }
        if (_writeFailure is null && !operation.IsCancelled)
        {
            Connection.HandleWrite();
            Copy(operation);
        }
        var isDone = operation.Done == operation.Memory.Length && _writeFailure is null;
        if (!isDone && _writeFailure is null && !operation.IsCancelled && operation.Deadline > _loop.Now) { return; }

        // First this: whoever waits may write again before this returns.
        if (Interlocked.Exchange(ref _writeWaits, 0) == 0) { return; }
        if (isDone) { operation.Complete(operation.Done); }
        else if (_writeFailure is not null) { operation.Fail(_writeFailure); }
        else if (operation.IsCancelled) { operation.Fail(new OperationCanceledException(operation.Token)); }
        else { operation.Fail(new TimeoutException($"The peer did not take the bytes within {WriteTimeout} ms.")); }
    }

    private void Copy(StreamOperation operation)
    {
        while (operation.Done < operation.Memory.Length)
        {
            var room = _quic.GetWriteSpan(Id);
            if (room.IsEmpty) { return; }
            var rest = operation.Rest;
            var count = Math.Min(room.Length, rest.Length);
            rest[..count].CopyTo(room);
            _quic.AdvanceWrite(Id, count, fin: false);
            operation.Done += count;
        }
        if (operation.IsLast) { Finish(); }
    }

    private void Finish()
    {
        if (_writeFailure is not null || _isEndWritten) { return; }
        _areWritesCompleted = true;
        _isEndWritten = true;
        IsFinishing = _quic.Write(Id, [], fin: true, out _).Status is StreamWriteStatus.Ok;
    }
}
