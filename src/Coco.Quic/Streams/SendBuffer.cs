namespace Coco.Quic.Streams;

/// <summary>
/// The bytes of one stream from when they are written until they are acknowledged. Bytes are copied in once and out once per
/// sending; lost ranges wait in a set of their own and go first (RFC 9000 §13.3).
/// </summary>
internal sealed class SendBuffer
{
    private BlockRing _blocks;
    private RangeSet _ackedAhead;
    private RangeSet _lost;
    private long _acked; // everything below is acknowledged and released

    /// <summary>Bytes written so far: the offset of the next byte the application writes.</summary>
    public long End { get; private set; }

    /// <summary>The lowest offset never sent.</summary>
    public long Next { get; private set; }

    public long Buffered => End - _acked;

    public bool IsAllAcked => _acked == End;

    public bool HasLost => !_lost.IsEmpty;

    public ByteRange FirstLost => _lost.First;

    public int RangeCount => _lost.Count + _ackedAhead.Count;

    public void Write(ReadOnlySpan<byte> data, StreamPool pool)
    {
        _blocks.Write(_acked, End, data, pool);
        End += data.Length;
    }

    /// <summary>Room for the application to write into; <see cref="AdvanceWrite"/> says how much of it was used.</summary>
    public Span<byte> GetWriteSpan(StreamPool pool) => _blocks.GetSpan(_acked, End, pool);

    public void AdvanceWrite(int count) => End += count;

    public void CopyTo(long offset, Span<byte> destination) => _blocks.CopyTo(offset, destination);

    public void OnSent(long offset, int length)
    {
        if (offset == Next)
        {
            Next += length;
            return;
        }
        _lost.Remove(offset, offset + length);
    }

    public void OnAcked(long offset, int length, StreamPool pool)
    {
        var end = offset + length;
        if (end <= _acked) { return; }

        // Declared lost, yet it arrived: not to be sent again.
        if (!_lost.IsEmpty) { _lost.Remove(offset, end); }

        if (offset > _acked)
        {
            _ackedAhead.Add(offset, end);
            return;
        }
        while (!_ackedAhead.IsEmpty && _ackedAhead.First.Start <= end)
        {
            end = Math.Max(end, _ackedAhead.First.End);
            _ackedAhead.RemoveFirst();
        }
        Release(end, pool);
    }

    public void OnLost(long offset, int length)
    {
        var end = offset + length;
        offset = Math.Max(offset, _acked);
        if (offset >= end) { return; }

        _lost.Add(offset, end);
        for (var i = _ackedAhead.IndexOfFirstEndingAtOrAfter(offset); i < _ackedAhead.Count && _ackedAhead[i].Start < end; i++)
        {
            _lost.Remove(_ackedAhead[i].Start, _ackedAhead[i].End);
        }
    }

    /// <summary>Drops what is held: the stream was reset and its bytes are no longer wanted.</summary>
    public void Discard(StreamPool pool)
    {
        _blocks.ReleaseAll(pool);
        _lost.Clear();
        _ackedAhead.Clear();
        _acked = End = Next;
    }

    /// <summary>Makes it as new.</summary>
    public void Clear(StreamPool pool)
    {
        Discard(pool);
        _blocks.Trim();
        _acked = End = Next = 0;
    }

    private void Release(long acked, StreamPool pool)
    {
        // A stream with nothing in flight holds no block, not even the one it will write into next.
        if (acked == End)
        {
            _blocks.Release(_acked, acked + StreamPool.BlockMask, pool);
        }
        else
        {
            _blocks.Release(_acked, acked, pool);
        }
        _acked = acked;
    }
}
