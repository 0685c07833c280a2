using Coco.Transport.Streams;

namespace Coco.Transport;

/// <summary>Bytes from the loop to the application.</summary>
public sealed partial class ConnectionStream
{
    // Who comes first marks it: the application, that it waits, or the loop, that something can be read. Only who finds the other's
    // mark acts, so a read that has to wait wakes nobody.
    private const int NothingKnown = 0, SomethingToRead = 1, ReadWaits = 2;

    private StreamOperation? _read;
    private int _readState;
    private volatile bool _isEndRead;
    private Exception? _readFailure;

    private ValueTask<int> StartRead(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_isEndRead) { return new(0); }
        if (buffer.IsEmpty && Volatile.Read(ref _readState) == SomethingToRead) { return new(0); }
        if (_loop.IsCurrent && Volatile.Read(ref _readState) != ReadWaits && TryRead(buffer.Span, out var read))
        {
            Volatile.Write(ref _readState, StateAfterRead());
            return read >= 0 ? new(read) : ValueTask.FromException<int>(_readFailure!);
        }
        _read ??= new(_post, _loop.Options.InlineContinuations);
        _read.InlineLength = InlineLength;
        _read.Begin(buffer, isLast: false, DeadlineAfter(ReadTimeout), cancellationToken);
        var task = _read.AsReadTask();
        if (Interlocked.CompareExchange(ref _readState, ReadWaits, NothingKnown) == SomethingToRead)
        {
            Interlocked.Exchange(ref _readState, ReadWaits);
            Post();
        }
        else if (_read.Deadline < TimeSpan.MaxValue || _read.IsCancelled || _loop.HasEnded) { Post(); }
        return task;
    }

    private void HandleReadable()
    {
        if (Interlocked.CompareExchange(ref _readState, SomethingToRead, NothingKnown) == ReadWaits) { ContinueRead(); }
    }

    private void FailReads(Exception failure)
    {
        _readFailure ??= failure;
        HandleReadable();
    }

    private void ContinueRead()
    {
        if (Volatile.Read(ref _readState) != ReadWaits || _read is not { } operation) { return; }
        var isDone = TryRead(operation.Destination, out var read);
        if (!isDone && !operation.IsCancelled && operation.Deadline > _loop.Now) { return; }

        // The state first: whoever waits may read again before this returns.
        if (Interlocked.CompareExchange(ref _readState, StateAfterRead(), ReadWaits) != ReadWaits) { return; }
        if (isDone && read >= 0) { operation.Complete(read); }
        else if (isDone) { operation.Fail(_readFailure!); }
        else if (operation.IsCancelled) { operation.Fail(new OperationCanceledException(operation.Token)); }
        else { operation.Fail(new TimeoutException($"Nothing arrived on the stream within {ReadTimeout} ms.")); }
    }

    /// <summary>Reads on the loop. False when there is nothing to read yet; -1 bytes mean that reading has failed.</summary>
    private bool TryRead(Span<byte> destination, out int read)
    {
        read = 0;
        while (read < destination.Length)
        {
            var next = _quic.PeekRead(Id);
            if (next.IsEmpty) { break; }
            var count = Math.Min(next.Length, destination.Length - read);
            next[..count].CopyTo(destination[read..]);
            read += count;
            if (_quic.AdvanceRead(Id, count)) { _isEndRead = true; }
        }
        if (read > 0 || _isEndRead || (destination.IsEmpty && !_quic.PeekRead(Id).IsEmpty)) { return true; }
        if (_quic.AdvanceRead(Id, 0)) // an end without bytes before it
        {
            _isEndRead = true;
            return true;
        }
        if (_readFailure is null) { return false; }
        read = -1;
        return true;
    }

    private int StateAfterRead() =>
        _isEndRead || _readFailure is not null || !_quic.PeekRead(Id).IsEmpty ? SomethingToRead : NothingKnown;
}
