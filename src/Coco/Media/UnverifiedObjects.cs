namespace Coco.Media;

/// <summary>Objects of a group that no signature of the producer covers yet.</summary>
internal sealed class UnverifiedObjects(ByteBudget budget, int maxObjects) : IDisposable
{
    private readonly Queue<(LiveObject? Object, ObjectPlace Next, TimeSpan DueAt)> _waiting = new();
    private long _dueTicks = long.MaxValue;

    /// <summary>When the first is of no use any more. From any thread.</summary>
    public TimeSpan DueAt => new(Volatile.Read(ref _dueTicks));

    /// <summary>One more, or nothing where it was left out, and the place behind it. False when too much waits.</summary>
    public bool TryAdd(LiveObject? item, in ObjectPlace next, TimeSpan now)
    {
        if (_waiting.Count == maxObjects || (item is not null && !budget.TryTake(item.Body.Length))) { return false; }
        _waiting.Enqueue((item, next, item is null ? TimeSpan.MaxValue : now + item.Deadline));
        NoteFirst();
        return true;
    }

    /// <summary>The place behind so many objects of the group; null where that is not known any more, or was never.</summary>
    public ObjectPlace? PlaceAt(long count)
    {
        if (!_waiting.TryPeek(out var first)) { return null; }
        var skipped = count - first.Next.Index;
        return skipped >= 0 && skipped < _waiting.Count ? _waiting.ElementAt((int)skipped).Next : null;
    }

    /// <summary>Those up to there.</summary>
    public IReadOnlyList<LiveObject> Take(long count)
    {
        var taken = new List<LiveObject>();
        while (_waiting.TryPeek(out var first) && first.Next.Index <= count)
        {
            _waiting.Dequeue();
            if (first.Object is not { } item) { continue; }
            budget.Return(item.Body.Length);
            taken.Add(item);
        }
        NoteFirst();
        return taken;
    }

    public void Dispose()
    {
        while (_waiting.TryDequeue(out var one)) { budget.Return(one.Object?.Body.Length ?? 0); }
    }

    private void NoteFirst() => Volatile.Write(ref _dueTicks, _waiting.TryPeek(out var first) ? first.DueAt.Ticks : long.MaxValue);
}
