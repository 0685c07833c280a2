namespace Coco.Tests.Hosting;

/// <summary>Bytes of a peer, which come in pieces of any size.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="random">Says how large the pieces are.</param>
internal sealed class PeerStream(byte[] bytes, Random random) : Stream
{
    /// <summary>The largest buffer that was made for what may still come.</summary>
    public int LargestBuffer { get; private set; }

    /// <summary>Bytes that were taken.</summary>
    public int Taken { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        LargestBuffer = Math.Max(LargestBuffer, buffer.Length);
        var most = Math.Min(buffer.Length, bytes.Length - Taken);
        var count = most > 0 ? random.Next(1, most + 1) : 0;
        bytes.AsMemory(Taken, count).CopyTo(buffer);
        Taken += count;
        return new(count);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
