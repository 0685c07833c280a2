using System.Diagnostics.CodeAnalysis;

namespace Coco.Media;

/// <summary>
/// Puts the objects of a track in order that come on several streams, a lane each. Lanes are handed on one after the other, by where they begin;
/// one that stays behind is waited for as long as the jitter allows, and not beyond half of the time that what waits has left.
/// </summary>
/// <param name="jitter">How long to wait.</param>
/// <param name="maxLanes">Streams at once.</param>
/// <param name="maxBytes">Bytes that may wait.</param>
internal sealed class TrackOrder(TimeSpan jitter, int maxLanes, long maxBytes)
{
    private readonly SortedList<long, OrderLane> _lanes = [];
    private readonly Queue<OrderedObject> _ready = new();
    private long _handed = -1; // the sequence of the last
    private long _passed = -1; // where the last lane began that is no more waited for
    private long _heldBytes;

    /// <summary>When <see cref="HandleTimeout"/> is due.</summary>
    public TimeSpan Deadline { get; private set; } = TimeSpan.MaxValue;

    /// <summary>A stream whose first object has that sequence. Null where there are too many, or one like it.</summary>
    /// <param name="first">The sequence.</param>
    /// <param name="previous">That of the stream before, which is waited for where it has not come; -1 for none.</param>
    public OrderLane? Open(long first, long previous = -1)
    {
        if (_lanes.Count == maxLanes) { return null; }
        var lane = new OrderLane(first, previous < first ? previous : -1);
        return _lanes.TryAdd(first, lane) ? lane : null;
    }

    /// <summary>The next of a lane.</summary>
    public void Handle(OrderLane lane, OrderedObject item, TimeSpan now)
    {
        if (lane.IsEnded || item.Object?.Place.Sequence <= _handed) { return; }
        lane.Held.Enqueue(item);
        _heldBytes += item.Length;
        Advance(now);
    }

    /// <summary>A stream is over.</summary>
    public void End(OrderLane lane, TimeSpan now)
    {
        lane.IsEnded = true;
        Advance(now);
    }

    /// <summary>Whoever sent is asked no more: what has come is handed on, and nothing of it is waited for.</summary>
    public void EndAll()
    {
        foreach (var lane in _lanes.Values)
        {
            HandOn(lane);
            lane.IsEnded = true;
            _passed = Math.Max(_passed, lane.First);
        }
        _lanes.Clear();
        Deadline = TimeSpan.MaxValue;
    }

    public void HandleTimeout(TimeSpan now) => Advance(now);

    public bool TryTake([NotNullWhen(true)] out OrderedObject? item) => _ready.TryDequeue(out item);

    private void Advance(TimeSpan now)
    {
        Deadline = TimeSpan.MaxValue;
        while (_lanes.Count > 0)
        {
            var lane = _lanes.GetValueAtIndex(0);
            if (lane.Previous > _passed && !IsWaitedForTooLong(now, from: 0)) { return; }
            HandOn(lane);
            if (!lane.IsEnded && !IsWaitedForTooLong(now, from: 1)) { return; }
            lane.IsEnded = true; // what still comes on it comes too late
            _passed = Math.Max(_passed, lane.First);
            _lanes.RemoveAt(0);
        }
    }

    private void HandOn(OrderLane lane)
    {
        while (lane.Held.TryDequeue(out var item))
        {
            _heldBytes -= item.Length;
            if (item.Object?.Place.Sequence <= _handed) { continue; }
            _handed = item.Object?.Place.Sequence ?? _handed;
            _ready.Enqueue(item);
        }
    }

    // By those that hold what comes after it.
    private bool IsWaitedForTooLong(TimeSpan now, int from)
    {
        for (var i = from; i < _lanes.Count; i++)
        {
            if (!_lanes.GetValueAtIndex(i).Held.TryPeek(out var item)) { continue; }
            var half = (item.DueAt - item.ArrivedAt) / 2;
            var until = item.ArrivedAt + (half < jitter ? half : jitter);
            if (until < Deadline) { Deadline = until; }
        }
        if (Deadline > now && _heldBytes <= maxBytes) { return false; }
        Deadline = TimeSpan.MaxValue;
        return true;
    }
}
