using Coco.Quic.Packets;

namespace Coco.Media;

/// <summary>Reads records, <c>type v ‖ length v ‖ body</c>, one after the other. Memory is taken as bytes arrive, not as they are announced.</summary>
/// <param name="stream">What is read.</param>
/// <param name="most">Bytes a body may have.</param>
internal sealed class RecordReader(Stream stream, int most)
{
    private const int BufferSize = 4 << 10;
    private const int FirstPiece = 64 << 10;

    private readonly byte[] _buffer = new byte[BufferSize];
    private int _begin;
    private int _end;

    /// <summary>Whether what came was no record, or a longer one than is taken.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>The next; null at the end.</summary>
    public async ValueTask<(ulong Type, byte[] Body)?> ReadAsync(CancellationToken cancellationToken)
    {
        var isMiddle = _begin < _end;
        if (await ReadVarIntAsync(cancellationToken).ConfigureAwait(false) is not { } type)
        {
            IsMalformed = isMiddle;
            return null;
        }
        if (await ReadVarIntAsync(cancellationToken).ConfigureAwait(false) is { } length && length <= (ulong)most
            && await ReadBytesAsync((int)length, cancellationToken).ConfigureAwait(false) is { } body)
        {
            return (type, body);
        }
        IsMalformed = true;
        return null;
    }

    /// <summary>The next integer; null at the end.</summary>
    public async ValueTask<ulong?> ReadVarIntAsync(CancellationToken cancellationToken)
    {
        ulong value;
        int length;
        while (!VarInt.TryRead(_buffer.AsSpan(_begin, _end - _begin), out value, out length))
        {
            if (!await FillAsync(cancellationToken).ConfigureAwait(false)) { return null; }
        }
        _begin += length;
        return value;
    }

    /// <summary>So many bytes; null where the stream ends before.</summary>
    public async ValueTask<byte[]?> ReadBytesAsync(int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[Math.Min(length, FirstPiece)];
        var filled = Math.Min(length, _end - _begin);
        _buffer.AsSpan(_begin, filled).CopyTo(bytes);
        _begin += filled;
        while (filled < length)
        {
            if (filled == bytes.Length) { Array.Resize(ref bytes, (int)Math.Min(length, 2L * bytes.Length)); }
            var read = await stream.ReadAsync(bytes.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            if (read == 0) { return null; }
            filled += read;
        }
        return bytes;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
        (_begin, _end) = (0, _end - _begin);
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }
}
