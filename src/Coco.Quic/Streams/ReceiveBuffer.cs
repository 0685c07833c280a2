namespace Coco.Quic.Streams;

/// <summary>
/// The bytes of one stream from when they arrive until they are read, put in order (RFC 9000 §2.2). Bytes that arrive early are
/// stored where they belong at once, so nothing is copied twice; only their ranges are remembered.
/// </summary>
internal sealed class ReceiveBuffer
{
    private BlockRing _blocks;
    private RangeSet _ahead;

    /// <summary>The offset of the next byte the application reads.</summary>
    public long ReadOffset { get; private set; }

    /// <summary>The end of what arrived without a gap.</summary>
    public long End { get; private set; }

    public long Readable => End - ReadOffset;

    /// <summary>Ranges beyond a gap. Each costs 16 bytes however few bytes it has, so callers cap their number.</summary>
    public int RangeCount => _ahead.Count;

    /// <summary>Takes bytes the caller has checked against the window.</summary>
    public void Write(long offset, ReadOnlySpan<byte> data, StreamPool pool)
    {
        if (offset != End || !_ahead.IsEmpty)
        {
            WriteOutOfOrder(offset, data, pool);
            return;
        }
        _blocks.Write(ReadOffset, offset, data, pool);
        End += data.Length;
    }

    public ReadOnlySpan<byte> Peek()
    {
        if (Readable == 0) { return default; }
        var block = _blocks.Peek(ReadOffset);
        return block.Length > Readable ? block[..(int)Readable] : block;
    }

    public int Read(Span<byte> destination, StreamPool pool)
    {
        var count = (int)Math.Min(Readable, destination.Length);
        if (count == 0) { return 0; }
        _blocks.CopyTo(ReadOffset, destination[..count]);
        Advance(count, pool);
        return count;
    }

    public void Advance(int count, StreamPool pool)
    {
        var from = ReadOffset;
        ReadOffset += count;
        // Drained: not even the block that the next byte would go to is kept.
        var to = ReadOffset == End && _ahead.IsEmpty ? ReadOffset + StreamPool.BlockMask : ReadOffset;
        _blocks.Release(from, to, pool);
    }

    /// <summary>Drops what is held: the stream was reset or its reader has gone.</summary>
    public void Discard(StreamPool pool)
    {
        _blocks.ReleaseAll(pool);
        _ahead.Clear();
        End = ReadOffset;
    }

    /// <summary>Makes it as new.</summary>
    public void Clear(StreamPool pool)
    {
        Discard(pool);
        _blocks.Trim();
        ReadOffset = End = 0;
    }

    private void WriteOutOfOrder(long offset, ReadOnlySpan<byte> data, StreamPool pool)
    {
        // What is readable already may have been seen by the application: it is never written again.
        if (offset < End)
        {
            var known = (int)Math.Min(End - offset, data.Length);
            data = data[known..];
            offset += known;
        }
        if (data.IsEmpty) { return; }

        _blocks.Write(ReadOffset, offset, data, pool);
        var end = offset + data.Length;
        if (offset > End)
        {
            _ahead.Add(offset, end);
            return;
        }
        while (!_ahead.IsEmpty && _ahead.First.Start <= end)
        {
            end = Math.Max(end, _ahead.First.End);
            _ahead.RemoveFirst();
        }
        End = end;
    }
}
