using System.Diagnostics.CodeAnalysis;

namespace Coco.Media;

/// <summary>
/// Objects of a track that wait for their receiver, in order. What is late is left out. Where there is no room, or not all can be in time, the least
/// important are left out, the oldest of them first: so nobody else pays for a slow receiver, and what it gets is what matters most.
/// </summary>
/// <param name="maxBytes">Bytes that wait at most, but for a single object.</param>
/// <param name="maxEntries">Entries, those of objects left out included.</param>
/// <param name="isDependent">Whether what follows one that was left out is left out too, up to the end of the group, unless it is more important.</param>
/// <param name="keepsLeaves">Whether hashes of what is left out are kept.</param>
internal sealed class ObjectQueue(int maxBytes, int maxEntries, bool isDependent, bool keepsLeaves)
{
    private const long NoGroup = -1;

    private readonly Queue<QueueEntry> _entries = new();
    private long _skippedGroup = NoGroup; // had no room for all its entries
    private long _brokenGroup = NoGroup;
    private byte _brokenAt; // priority of the most important one of that group that was left out

    public int Count => _entries.Count;

    /// <summary>Bytes of the objects that wait.</summary>
    public long Bytes { get; private set; }

    /// <summary>Objects left out so far.</summary>
    public long LeftOut { get; private set; }

    public void Add(QueueEntry entry)
    {
        if (entry.Place.Group == _skippedGroup)
        {
            LeftOut += entry.Object is null ? 0 : 1;
            return;
        }
        _entries.Enqueue(entry);
        Bytes += entry.Length;
        while (Bytes > maxBytes && Bytes > entry.Length && LeastImportant() is { } least) { LeaveOut(least); }
        if (_entries.Count > maxEntries) { DropOldestGroup(); }
    }

    /// <summary>The next, which may be one that was left out.</summary>
    /// <param name="now">The time.</param>
    /// <param name="bytesPerSecond">How fast they leave; 0 where that is not known.</param>
    /// <param name="transit">How long one is on its way.</param>
    /// <param name="entry">The entry.</param>
    public bool TryTake(TimeSpan now, double bytesPerSecond, TimeSpan transit, [NotNullWhen(true)] out QueueEntry? entry)
    {
        if (!_entries.TryDequeue(out entry)) { return false; }
        Bytes -= entry.Length;
        if (entry.Object is null) { return true; }
        var arrival = now + transit + TimeFor(entry.Length, bytesPerSecond);
        if (arrival > entry.DueAt || IsBroken(entry) || DelaysMoreImportant(entry, now + transit, bytesPerSecond))
        {
            Note(entry);
            entry.LeaveOut(keepsLeaves);
        }
        return true;
    }

    /// <summary>Notes that one that was taken did not get through.</summary>
    public void NoteLost(QueueEntry entry) => Note(entry);

    public void Clear()
    {
        _entries.Clear();
        Bytes = 0;
    }

    private static TimeSpan TimeFor(long bytes, double bytesPerSecond) =>
        bytesPerSecond <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(86_400, bytes / bytesPerSecond));

    private bool IsBroken(QueueEntry entry) => isDependent && entry.Place.Group == _brokenGroup && entry.Priority >= _brokenAt;

    // Sending it would make others late that matter more.
    private bool DelaysMoreImportant(QueueEntry entry, TimeSpan arrival, double bytesPerSecond)
    {
        if (bytesPerSecond <= 0 || Bytes == 0) { return false; }
        var ahead = (long)entry.Length;
        foreach (var other in _entries)
        {
            if (other.Object is null || other.Priority >= entry.Priority) { continue; }
            ahead += other.Length;
            if (arrival + TimeFor(ahead, bytesPerSecond) > other.DueAt && arrival + TimeFor(ahead - entry.Length, bytesPerSecond) <= other.DueAt) { return true; }
        }
        return false;
    }

    private QueueEntry? LeastImportant()
    {
        QueueEntry? least = null;
        foreach (var entry in _entries)
        {
            if (entry.Object is not null && (least is null || entry.Priority > least.Priority)) { least = entry; }
        }
        return least;
    }

    private void LeaveOut(QueueEntry entry)
    {
        Bytes -= entry.Length;
        Note(entry);
        entry.LeaveOut(keepsLeaves);
    }

    private void Note(QueueEntry entry)
    {
        LeftOut++;
        if (!isDependent) { return; }
        _brokenAt = entry.Place.Group == _brokenGroup ? Math.Min(_brokenAt, entry.Priority) : entry.Priority;
        _brokenGroup = entry.Place.Group;
    }

    private void DropOldestGroup()
    {
        var oldest = _entries.Peek().Place.Group;
        while (_entries.TryPeek(out var entry) && entry.Place.Group == oldest)
        {
            _entries.Dequeue();
            Bytes -= entry.Length;
            LeftOut += entry.Object is null ? 0 : 1;
        }
        if (_entries.Count == 0) { _skippedGroup = oldest; }
    }
}
