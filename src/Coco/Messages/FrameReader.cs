using System.Buffers;
using Coco.Quic.Packets;

namespace Coco.Messages;

/// <summary>Frames as they come in; a buffer grows with a frame that has been announced and is not longer than allowed.</summary>
internal sealed class FrameReader(Stream stream, int maxBody) : IDisposable
{
    private const int ReadSize = 64 << 10;
    private const int MaxHead = 2 * VarInt.MaxLength;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
    private int _start;
    private int _end;
    private int _needed = 1;

    /// <summary>Whether what came is no frame: nothing more is read.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Reads more, until there is a whole frame. False at the end of the stream, or where what came is none.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken = default)
    {
        do
        {
            if (IsMalformed) { return false; }
            MakeRoom();
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (count == 0) { return false; }
            _end += count;
            Look();
        }
        while (_end - _start < _needed);
        return !IsMalformed;
    }

    /// <summary>The next frame of those that were read; valid until the next <see cref="ReadAsync"/>.</summary>
    public bool TryTake(out MessageFrameType type, out ReadOnlySpan<byte> body)
    {
        type = default;
        body = default;
        if (IsMalformed || _end - _start < _needed) { return false; }
        var reader = new SpanReader(_buffer.AsSpan(_start, _end - _start));
        if (!reader.TryReadVarInt(out var kind) || !reader.TryReadVarIntBytes(out body)) { return false; }
        type = (MessageFrameType)kind;
        _start += reader.Position;
        Look();
        return true;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        (_start, _end) = (0, 0);
    }

    // How many bytes the next frame has, as far as that is known; one more than there are until then.
    private void Look()
    {
        var bytes = _buffer.AsSpan(_start, _end - _start);
        _needed = bytes.Length + 1;
        if (!VarInt.TryRead(bytes, out _, out var typeLength) || !VarInt.TryRead(bytes[typeLength..], out var length, out var lengthLength)) { return; }
        if (length > (ulong)maxBody) { IsMalformed = true; }
        else { _needed = typeLength + lengthLength + (int)length; }
    }

    private void MakeRoom()
    {
        var left = _end - _start;
        var needed = Math.Max(_needed, left + MaxHead);
        if (needed > _buffer.Length || (left == 0 && _buffer.Length > 8 * ReadSize && needed <= ReadSize))
        {
            var other = ArrayPool<byte>.Shared.Rent(Math.Max(needed, ReadSize));
            _buffer.AsSpan(_start, left).CopyTo(other);
            ArrayPool<byte>.Shared.Return(_buffer);
            (_buffer, _start, _end) = (other, 0, left);
        }
        else if (_start + needed > _buffer.Length || left == 0)
        {
            _buffer.AsSpan(_start, left).CopyTo(_buffer);
            (_start, _end) = (0, left);
        }
    }
}
