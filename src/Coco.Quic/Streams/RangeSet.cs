namespace Coco.Quic.Streams;

/// <summary>
/// Offsets as sorted, disjoint, non-touching ranges: an array searched by halves, with free room kept at both ends so that
/// taking the first range and adding behind the last, the usual cases, move nothing. Callers cap what a peer can make it hold.
/// </summary>
internal struct RangeSet
{
    private const int SmallCapacity = 8;

    // Kept when a stream's state is reused; more is given back so one lossy stream does not leave its ranges behind for ever.
    private const int KeptCapacity = 64;

    private ByteRange[]? _ranges;
    private int _head;
    private int _count;

    public readonly int Count => _count;

    public readonly bool IsEmpty => _count == 0;

    public readonly ByteRange First => _ranges![_head];

    public readonly ByteRange this[int index] => _ranges![_head + index];

    public void Add(long start, long end)
    {
        if (_count == 0 || start > _ranges![_head + _count - 1].End)
        {
            Insert(_count, new(start, end));
            return;
        }

        var first = IndexOfFirstEndingAtOrAfter(start);
        var behind = first;
        while (behind < _count && this[behind].Start <= end)
        {
            start = Math.Min(start, this[behind].Start);
            end = Math.Max(end, this[behind].End);
            behind++;
        }
        if (behind == first)
        {
            Insert(first, new(start, end));
            return;
        }
        _ranges[_head + first] = new(start, end);
        RemoveAt(first + 1, behind - first - 1);
    }

    public void Remove(long start, long end)
    {
        var first = IndexOfFirstEndingAtOrAfter(start + 1);
        if (first < _count && this[first].Start < start)
        {
            var cut = this[first];
            _ranges![_head + first] = new(cut.Start, start);
            first++;
            if (cut.End > end)
            {
                Insert(first, new(end, cut.End));
                return;
            }
        }

        var behind = first;
        while (behind < _count && this[behind].End <= end) { behind++; }
        RemoveAt(first, behind - first);
        if (first < _count && this[first].Start < end) { _ranges![_head + first] = new(end, this[first].End); }
    }

    public void RemoveFirst() => RemoveAt(0, 1);

    public void Clear()
    {
        _head = 0;
        _count = 0;
        if (_ranges?.Length > KeptCapacity) { _ranges = null; }
    }

    public readonly int IndexOfFirstEndingAtOrAfter(long offset)
    {
        var low = 0;
        var high = _count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (this[middle].End < offset) { low = middle + 1; } else { high = middle; }
        }
        return low;
    }

    private void Insert(int index, ByteRange range)
    {
        if (_ranges is null || (_head + _count == _ranges.Length)) { MakeRoom(); }

        var ranges = _ranges.AsSpan();
        if (index < _count / 2 && _head > 0)
        {
            ranges.Slice(_head, index).CopyTo(ranges[(_head - 1)..]);
            _head--;
        }
        else
        {
            ranges.Slice(_head + index, _count - index).CopyTo(ranges[(_head + index + 1)..]);
        }
        ranges[_head + index] = range;
        _count++;
    }

    // Slides down only when that frees a quarter of the array, so the move is paid for by the appends it makes possible.
    private void MakeRoom()
    {
        var capacity = _ranges?.Length ?? 0;
        var target = capacity > 0 && _head >= capacity / 4 ? _ranges! : new ByteRange[Math.Max(SmallCapacity, capacity * 2)];
        var head = ReferenceEquals(target, _ranges) ? 0 : target.Length / 8;
        _ranges.AsSpan(_head, _count).CopyTo(target.AsSpan(head));
        _ranges = target;
        _head = head;
    }

    private void RemoveAt(int index, int count)
    {
        if (count == 0) { return; }

        var ranges = _ranges.AsSpan(_head, _count);
        if (index < _count / 2 || index == 0)
        {
            ranges[..index].CopyTo(ranges[count..]);
            _head += count;
        }
        else
        {
            ranges[(index + count)..].CopyTo(ranges[index..]);
        }
        _count -= count;
        if (_count == 0) { _head = 0; }
    }
}
