namespace Coco.ControlPlane.Relaying;

/// <summary>What follows an answer of 101. Disposing of it ends a read that waits, and a write: the server of HTTP would leave them be.</summary>
internal sealed class UpgradedStream(Stream inner, HttpContext context) : Stream
{
    private readonly CancellationTokenSource _ended = new();
    private int _writing;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    // A WebSocket disposes of its stream when a call is taken back, so that this token does.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, _ended.Token);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _writing);
        await inner.WriteAsync(buffer, _ended.Token);
        await inner.FlushAsync(_ended.Token);
        Interlocked.Decrement(ref _writing);
    }

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
        if (disposing)
        {
            _ended.Cancel(); // not disposed of: a read may be about to look at it
            if (Volatile.Read(ref _writing) > 0) { context.Abort(); } // whoever does not read would hold the connection
        }
        base.Dispose(disposing);
    }
}
