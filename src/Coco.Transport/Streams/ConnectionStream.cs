using System.IO.Pipelines;

namespace Coco.Transport;

/// <summary>
/// A stream of a <see cref="Connection"/>: bytes in order, without loss, in one direction or both, as a <see cref="Stream"/> and as a
/// pair of pipes. One read and one write may be under way at a time, each from any thread.
/// </summary>
/// <remarks>
/// Writing is held back while the peer does not read. A write is done when its bytes are on their way, not when they have arrived:
/// <see cref="Connection.CloseAsync"/> waits for streams whose writes were completed. A cancelled read has taken nothing; a cancelled
/// write has sent a part of its bytes, and the stream is of no use for more than <see cref="Abort"/>.
/// </remarks>
public sealed partial class ConnectionStream : Stream, IDuplexPipe
{
    // Chosen: a segment is one hand-over to the loop.
    private const int PipeSegmentSize = 64 * 1024;

    private PipeReader? _input;
    private PipeWriter? _output;

    /// <summary>The stream's number, the same on both sides (RFC 9000 §2.1).</summary>
    public long Id { get; }

    /// <summary>The connection it belongs to.</summary>
    public Connection Connection { get; }

    /// <summary>The received bytes as a pipe, without another copy. Use either this or the methods that read.</summary>
    public PipeReader Input => _input ??= PipeReader.Create(this, new(bufferSize: PipeSegmentSize, leaveOpen: true, useZeroByteReads: true));

    /// <summary>The bytes to send as a pipe, without another copy. Use either this or the methods that write. Completing it without an
    /// error completes the stream's writes.</summary>
    public PipeWriter Output => _output ??= PipeWriter.Create(new WritingPart(this), new(minimumBufferSize: PipeSegmentSize));

    /// <inheritdoc/>
    public override bool CanRead => _canReceive && !_isDisposed;

    /// <inheritdoc/>
    public override bool CanWrite => _canSend && !_isDisposed;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanTimeout => true;

    /// <summary>Milliseconds until a read fails with a <see cref="TimeoutException"/>; infinite by default.</summary>
    public override int ReadTimeout { get; set => field = CheckTimeout(value); } = Timeout.Infinite;

    /// <summary>Milliseconds until a write fails with a <see cref="TimeoutException"/>; infinite by default.</summary>
    public override int WriteTimeout { get; set => field = CheckTimeout(value); } = Timeout.Infinite;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Reads what has arrived, waiting for one byte at least; 0 at the end of what the peer sends.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_canReceive) { throw new NotSupportedException("The stream only sends."); }
        if (cancellationToken.IsCancellationRequested) { return ValueTask.FromCanceled<int>(cancellationToken); }
        return StartRead(buffer, cancellationToken);
    }

    /// <summary>Writes; done when all bytes are on their way.</summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Write(buffer, isLast: false, cancellationToken);

    /// <summary>Ends what this side sends; the peer reads its end. Reading goes on. A second time does nothing.</summary>
    public ValueTask CompleteWritesAsync(CancellationToken cancellationToken = default) =>
        _areWritesCompleted ? default : Write(default, isLast: true, cancellationToken);

    /// <summary>Gives the stream up in both directions, at once: what is not yet delivered may be lost.</summary>
    /// <param name="code">Told to the peer, which sees it as <see cref="TransportException.ApplicationCode"/>. Below 2^62.</param>
    public void Abort(ulong code)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(code, 1UL << 62);
        RequestAbort(code);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Reads, blocking. Not on the endpoint's own thread.</summary>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        ThrowIfOnLoop();
        return ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Writes, blocking. Not on the endpoint's own thread.</summary>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        ThrowIfOnLoop();
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public override IAsyncResult BeginRead(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReadAsync(buffer, offset, count, default), callback, state);

    /// <inheritdoc/>
    public override int EndRead(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    /// <inheritdoc/>
    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, default), callback, state);

    /// <inheritdoc/>
    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    /// <summary>Nothing is held back here: does nothing.</summary>
    public override void Flush()
    {
    }

    /// <summary>Nothing is held back here: does nothing.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Completes the writes, where <see cref="Abort"/> did not end them, and asks the peer to send no more, where the end was not
    /// read. An unfinished read or write fails. Twice is safe.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (_output is not null && !_isDisposed)
        {
            try
            {
                await _output.CompleteAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is TransportException or TimeoutException or ObjectDisposedException)
            {
                // What the pipe still held cannot be sent any more; whoever flushed it has been told.
            }
        }
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            RequestDispose();
        }
        base.Dispose(disposing);
    }

    private ValueTask Write(ReadOnlyMemory<byte> buffer, bool isLast, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_canSend) { throw new NotSupportedException("The stream only receives."); }
        if (cancellationToken.IsCancellationRequested) { return ValueTask.FromCanceled(cancellationToken); }
        if (_areWritesCompleted) { throw new InvalidOperationException("The writes of this stream were completed."); }
        return StartWrite(buffer, isLast, cancellationToken);
    }

    private void ThrowIfOnLoop()
    {
        if (_loop.IsCurrent)
        {
            throw new InvalidOperationException("Blocking here would stop the endpoint: with inline continuations, use the methods that await.");
        }
    }

    private static int CheckTimeout(int milliseconds)
    {
        if (milliseconds != Timeout.Infinite) { ArgumentOutOfRangeException.ThrowIfNegativeOrZero(milliseconds); }
        return milliseconds;
    }
}
