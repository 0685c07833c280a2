namespace Coco.Data;

/// <summary>A blob, to be read from any place; what is not here is fetched from those who have it, and checked.</summary>
internal sealed class BlobStream(NodeData data, BlobFetch fetch, BlobFile file) : Stream
{
    // Chosen: who reads on finds the next megabyte here; who jumps about has fetched little more than it needed.
    private const int ReadAhead = 16;

    private byte[] _chunk = [];
    private int _chunkNumber = -1;
    private long _lastEnd = -1;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Record.Length;

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A position is not negative.");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= Length || buffer.Length == 0) { return 0; }
        var number = (int)(_position / BlobTree.ChunkSize);
        if (number != _chunkNumber)
        {
            if (!file.Has(number)) { await FetchAsync(number, buffer.Length, cancellationToken).ConfigureAwait(false); }
            _chunk = await Task.Run(() => file.Read(number), cancellationToken).ConfigureAwait(false);
            _chunkNumber = number;
        }
        var offset = (int)(_position % BlobTree.ChunkSize);
        var count = Math.Min(buffer.Length, _chunk.Length - offset);
        _chunk.AsSpan(offset, count).CopyTo(buffer.Span);
        _position += count;
        _lastEnd = _position;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Blocks; <see cref="ReadAsync(Memory{byte}, CancellationToken)"/> does not.</summary>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException("A blob does not change.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A blob does not change.");

    private Task FetchAsync(int number, int wanted, CancellationToken cancellationToken)
    {
        var end = (int)((Math.Min(_position + wanted, Length) + BlobTree.ChunkSize - 1) / BlobTree.ChunkSize);
        if (_lastEnd == _position && _position > 0) { end = Math.Max(end, number + ReadAhead); }
        return data.EnsureAsync(fetch, number, Math.Min(end, number + (4 * ReadAhead)), number + 1, cancellationToken);
    }
}
