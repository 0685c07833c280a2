using System.Buffers;

namespace Coco.Transport.Links;

/// <summary>
/// Between a WebSocket, which writes and flushes each message by itself, and TLS: what is written within a batch leaves together, in
/// few records and few system calls. Outside of batches, pongs and closes pass at once.
/// </summary>
internal sealed class BatchingStream(Stream inner) : Stream
{
    private const int BufferSize = 32 << 10; // chosen: two TLS records

    private readonly SemaphoreSlim _gate = new(1, 1); // one write at a time: a pong may come while a batch is being written
    private byte[]? _buffer; // there is one exactly within a batch
    private int _length;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Begins a batch.</summary>
    public async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        _buffer ??= ArrayPool<byte>.Shared.Rent(BufferSize);
        _gate.Release();
    }

    /// <summary>Writes what the batch holds, and ends it.</summary>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await WriteBufferAsync(cancellationToken).ConfigureAwait(false);
            ArrayPool<byte>.Shared.Return(_buffer!);
            _buffer = null;
        }
        finally
        {
            _gate.Release();
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_buffer is not null && buffer.Length > _buffer.Length - _length) { await WriteBufferAsync(cancellationToken).ConfigureAwait(false); }
            if (_buffer is null || buffer.Length > _buffer.Length)
            {
                await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
                return;
            }
            buffer.CopyTo(_buffer.AsMemory(_length));
            _length += buffer.Length;
        }
        finally
        {
            _gate.Release();
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(buffer, cancellationToken);

    // SslStream keeps nothing back, so there is nothing to flush.
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // A buffer that is still there is left to the collector: a ping may be writing into it at this moment.
        if (disposing) { inner.Dispose(); }
        base.Dispose(disposing);
    }

    private async ValueTask WriteBufferAsync(CancellationToken cancellationToken)
    {
        if (_length == 0) { return; }
        await inner.WriteAsync(_buffer.AsMemory(0, _length), cancellationToken).ConfigureAwait(false);
        _length = 0;
    }
}
