using System.Buffers.Binary;

namespace Coco.Topics.Core;

/// <summary>
/// The last messages of a topic, in one array that is written round. Subscribers that fall behind read from here, so a slow one costs its
/// place, not a queue; what is overwritten before it was read is what it has missed.
/// <code>
/// record = length of data i32 ‖ milliseconds since 1970 i64 ‖ kind u8 ‖ data; it may go round the end of the array
/// </code>
/// </summary>
internal sealed class MessageRing(int capacity)
{
    private const int HeaderLength = 13;
    private const int FirstSize = 1024;

    private byte[] _bytes = [];
    private long _begin; // where the oldest record stands, and the next will: offsets that only grow
    private long _end;

    /// <summary>The number of the oldest message that is here.</summary>
    public ulong First { get; private set; }

    /// <summary>The number of the next.</summary>
    public ulong Next { get; private set; }

    /// <summary>Where the oldest record begins.</summary>
    public long Begin => _begin;

    /// <summary>Where the next will.</summary>
    public long End => _end;

    /// <summary>Bytes of memory.</summary>
    public int Size => _bytes.Length;

    public void Add(ReadOnlySpan<byte> data, long time, MessageKind kind)
    {
        var length = HeaderLength + data.Length;
        while (_end - _begin + length > _bytes.Length)
        {
            if (_bytes.Length < capacity) { Grow(length); }
            else if (_begin < _end) { DropOldest(); }
            else { break; }
        }
        if (length > _bytes.Length)
        {
            // It alone is more than may be kept: who is up to date has it already.
            (_begin, First) = (_end, Next + 1);
        }
        else
        {
            Append(data, time, kind);
            _end += length;
        }
        Next++;
    }

    /// <summary>The record at an offset; the data in one or two parts.</summary>
    public MessageRecord Read(long offset)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        Copy(offset, header);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        var at = (int)((offset + HeaderLength) % _bytes.Length);
        var first = Math.Min(length, _bytes.Length - at);
        return new(_bytes.AsSpan(at, first), _bytes.AsSpan(0, length - first), BinaryPrimitives.ReadInt64LittleEndian(header[4..]), (MessageKind)header[12]);
    }

    /// <summary>The offset of the record behind one.</summary>
    public long After(long offset)
    {
        Span<byte> header = stackalloc byte[4];
        Copy(offset, header);
        return offset + HeaderLength + BinaryPrimitives.ReadInt32LittleEndian(header);
    }

    /// <summary>Where a message stands that is here.</summary>
    public long Find(ulong number)
    {
        if (number >= Next) { return _end; }
        var offset = _begin;
        for (var at = First; at < number; at++) { offset = After(offset); }
        return offset;
    }

    /// <summary>The number of the first message that is not older than <paramref name="time"/>.</summary>
    public ulong FirstSince(long time)
    {
        var (offset, number) = (_begin, First);
        while (number < Next && Read(offset).Time < time) { (offset, number) = (After(offset), number + 1); }
        return number;
    }

    private void Append(ReadOnlySpan<byte> data, long time, MessageKind kind)
    {
        var at = (int)(_end % _bytes.Length);
        if (_bytes.Length - at >= HeaderLength + data.Length)
        {
            // Most: in one piece.
            var record = _bytes.AsSpan(at, HeaderLength + data.Length);
            WriteHeader(record, data.Length, time, kind);
            data.CopyTo(record[HeaderLength..]);
            return;
        }
        Span<byte> header = stackalloc byte[HeaderLength];
        WriteHeader(header, data.Length, time, kind);
        Write(_end, header);
        Write(_end + HeaderLength, data);
    }

    private static void WriteHeader(Span<byte> header, int length, long time, MessageKind kind)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, length);
        BinaryPrimitives.WriteInt64LittleEndian(header[4..], time);
        header[12] = (byte)kind;
    }

    private void DropOldest()
    {
        _begin = After(_begin);
        First++;
    }

    private void Grow(int length)
    {
        var needed = _end - _begin + length;
        var size = (int)Math.Min(capacity, Math.Max(Math.Max(FirstSize, _bytes.Length * 2L), needed));
        var larger = new byte[size];
        var used = (int)(_end - _begin);
        if (used > 0)
        {
            // Offsets stay what they are: each byte goes to its place modulo the new size.
            Span<byte> old = new byte[used];
            Copy(_begin, old);
            _bytes = larger;
            Write(_begin, old);
        }
        _bytes = larger;
    }

    private void Write(long offset, ReadOnlySpan<byte> data)
    {
        var at = (int)(offset % _bytes.Length);
        var first = Math.Min(data.Length, _bytes.Length - at);
        data[..first].CopyTo(_bytes.AsSpan(at));
        data[first..].CopyTo(_bytes);
    }

    private void Copy(long offset, Span<byte> destination)
    {
        var at = (int)(offset % _bytes.Length);
        var first = Math.Min(destination.Length, _bytes.Length - at);
        _bytes.AsSpan(at, first).CopyTo(destination);
        _bytes.AsSpan(0, destination.Length - first).CopyTo(destination[first..]);
    }
}
