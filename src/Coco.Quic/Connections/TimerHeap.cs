namespace Coco.Quic.Connections;

/// <summary>Things by their next deadline: a binary heap in which each knows its place, so that a deadline can move.</summary>
internal sealed class TimerHeap<T>
    where T : class, ITimed
{
    private readonly List<T> _heap = [];

    public int Count => _heap.Count;

    public long Earliest => _heap.Count == 0 ? long.MaxValue : _heap[0].TimerDeadline;

    public void Set(T item, long deadline)
    {
        if (deadline == long.MaxValue) { Remove(item); return; }
        var index = item.TimerIndex;
        if (index < 0)
        {
            item.TimerDeadline = deadline;
            _heap.Add(item);
            Up(_heap.Count - 1);
            return;
        }
        var previous = item.TimerDeadline;
        item.TimerDeadline = deadline;
        if (deadline < previous) { Up(index); }
        else if (deadline > previous) { Down(index); }
    }

    public void Remove(T item)
    {
        var index = item.TimerIndex;
        if (index < 0) { return; }
        item.TimerIndex = -1;
        var last = _heap[^1];
        _heap.RemoveAt(_heap.Count - 1);
        if (last == item) { return; }
        _heap[index] = last;
        last.TimerIndex = index;
        Up(index);
        Down(last.TimerIndex);
    }

    public bool TryTakeDue(long now, out T item)
    {
        item = null!;
        if (_heap.Count == 0 || _heap[0].TimerDeadline > now) { return false; }
        item = _heap[0];
        Remove(item);
        return true;
    }

    private void Up(int index)
    {
        var item = _heap[index];
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (_heap[parent].TimerDeadline <= item.TimerDeadline) { break; }
            Place(_heap[parent], index);
            index = parent;
        }
        Place(item, index);
    }

    private void Down(int index)
    {
        var item = _heap[index];
        while (true)
        {
            var child = (2 * index) + 1;
            if (child >= _heap.Count) { break; }
            if (child + 1 < _heap.Count && _heap[child + 1].TimerDeadline < _heap[child].TimerDeadline) { child++; }
            if (item.TimerDeadline <= _heap[child].TimerDeadline) { break; }
            Place(_heap[child], index);
            index = child;
        }
        Place(item, index);
    }

    private void Place(T item, int index)
    {
        _heap[index] = item;
        item.TimerIndex = index;
    }
}
