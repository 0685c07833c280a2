namespace Coco.Quic.Connections;

/// <summary>Connections by their next deadline: a binary heap in which each knows its place, so that a deadline can move.</summary>
internal sealed class TimerHeap
{
    private readonly List<QuicConnection> _heap = [];

    public long Earliest => _heap.Count == 0 ? long.MaxValue : _heap[0].TimerDeadline;

    public void Set(QuicConnection connection, long deadline)
    {
        if (deadline == long.MaxValue) { Remove(connection); return; }
        var index = connection.TimerIndex;
        if (index < 0)
        {
            connection.TimerDeadline = deadline;
            _heap.Add(connection);
            Up(_heap.Count - 1);
            return;
        }
        var previous = connection.TimerDeadline;
        connection.TimerDeadline = deadline;
        if (deadline < previous) { Up(index); }
        else if (deadline > previous) { Down(index); }
    }

    public void Remove(QuicConnection connection)
    {
        var index = connection.TimerIndex;
        if (index < 0) { return; }
        connection.TimerIndex = -1;
        var last = _heap[^1];
        _heap.RemoveAt(_heap.Count - 1);
        if (last == connection) { return; }
        _heap[index] = last;
        last.TimerIndex = index;
        Up(index);
        Down(last.TimerIndex);
    }

    public bool TryTakeDue(long now, out QuicConnection connection)
    {
        connection = null!;
        if (_heap.Count == 0 || _heap[0].TimerDeadline > now) { return false; }
        connection = _heap[0];
        Remove(connection);
        return true;
    }

    private void Up(int index)
    {
        var connection = _heap[index];
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (_heap[parent].TimerDeadline <= connection.TimerDeadline) { break; }
            Place(_heap[parent], index);
            index = parent;
        }
        Place(connection, index);
    }

    private void Down(int index)
    {
        var connection = _heap[index];
        while (true)
        {
            var child = (2 * index) + 1;
            if (child >= _heap.Count) { break; }
            if (child + 1 < _heap.Count && _heap[child + 1].TimerDeadline < _heap[child].TimerDeadline) { child++; }
            if (connection.TimerDeadline <= _heap[child].TimerDeadline) { break; }
            Place(_heap[child], index);
            index = child;
        }
        Place(connection, index);
    }

    private void Place(QuicConnection connection, int index)
    {
        _heap[index] = connection;
        connection.TimerIndex = index;
    }
}
