using Coco.Crypto;
using Coco.Data.Core;

namespace Coco.Data;

/// <summary>
/// What is to come of one blob, and from whom: chunks somebody waits for first, then all of it where that is wanted. Several holders are asked at once; one
/// that fails is left, and what was asked of it is asked of the next. Thread-safe; the transfers are <see cref="NodeData"/>'s.
/// </summary>
internal sealed class BlobFetch(BlobId id, Digest collection, BlobFile? file)
{
    private readonly Lock _lock = new(); // guards what follows
    private readonly List<(int First, int End)> _urgent = [];
    private readonly HashSet<int> _underWay = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BlobFile? _file = file;
    private bool _isAllWanted;
    private int _next;
    private int _savedCount;

    public BlobId Id { get; } = id;

    public Digest Collection { get; } = collection;

    /// <summary>How long it is, where that was said before; longer is another.</summary>
    public long? Length { get; init; }

    /// <summary>Those who have it not, or not now; this and the next two are the node's, under its lock.</summary>
    public HashSet<NodeId> Excluded { get; } = [];

    /// <summary>Those who sent other bytes: they are not asked again.</summary>
    public HashSet<NodeId> Liars { get; } = [];

    /// <summary>Those who are being asked.</summary>
    public HashSet<NodeId> Asked { get; } = [];

    /// <summary>One at a time makes the tree.</summary>
    public SemaphoreSlim Finishing { get; } = new(1);

    /// <summary>What this node's disk said.</summary>
    public IOException? Failure
    {
        get { lock (_lock) { return field; } }
        private set;
    }

    /// <summary>Bytes that came, those that were no good included.</summary>
    public long Transferred { get; private set; }

    public BlobFile? File
    {
        get { lock (_lock) { return _file; } }
    }

    public bool MayAsk(NodeId peer) => !Excluded.Contains(peer) && !Liars.Contains(peer) && !Asked.Contains(peer);

    /// <summary>Completes with the next change.</summary>
    public Task Changed
    {
        get { lock (_lock) { return _changed.Task; } }
    }

    public bool HasWork
    {
        get { lock (_lock) { return TryFind(out _, out _, isTaken: false); } }
    }

    /// <summary>Whether these chunks are here.</summary>
    public bool Has(int first, int end)
    {
        lock (_lock)
        {
            if (_file is not { } here) { return false; }
            for (var chunk = first; chunk < Math.Min(end, here.Chunks); chunk++)
            {
                if (!here.Has(chunk)) { return false; }
            }
            return true;
        }
    }

    public void Want(int first, int end)
    {
        lock (_lock)
        {
            Failure = null;
            _urgent.Add((first, end));
        }
        Wake();
    }

    public void WantAll()
    {
        lock (_lock) { (Failure, _isAllWanted) = (null, true); }
        Wake();
    }

    /// <summary>The next chunks to ask somebody for.</summary>
    public bool TryTake(out int first, out int count)
    {
        lock (_lock)
        {
            if (!TryFind(out first, out count, isTaken: true)) { return false; }
            for (var i = 0; i < count; i++) { _underWay.Add(first + i); }
            return true;
        }
    }

    /// <summary>What was asked for does not come, or has come.</summary>
    public void GiveBack(int first, int count)
    {
        lock (_lock)
        {
            for (var i = 0; i < count; i++) { _underWay.Remove(first + i); }
        }
        Wake();
    }

    /// <summary>A chunk that has been checked. True where enough has come for it to be worth writing down what there is.</summary>
    public bool Add(int chunk, ReadOnlySpan<byte> bytes, Func<BlobFile> begin)
    {
        BlobFile into;
        lock (_lock) { into = _file ??= begin(); }
        if (!into.Has(chunk)) { into.Write(chunk, bytes); }
        bool isWorth;
        lock (_lock)
        {
            _underWay.Remove(chunk);
            isWorth = into.Count - _savedCount >= 256; // 16 MiB
            if (isWorth) { _savedCount = into.Count; }
        }
        Wake();
        return isWorth;
    }

    /// <summary>This node's disk takes nothing: whoever waits is told. The next one tries again.</summary>
    public void Fail(IOException failure)
    {
        lock (_lock) { Failure = failure; }
        Wake();
    }

    public void Count(int bytes)
    {
        lock (_lock) { Transferred += bytes; }
    }

    public void Wake()
    {
        TaskCompletionSource changed;
        lock (_lock) { (changed, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously)); }
        changed.TrySetResult();
    }

    // Under the lock.
    private bool TryFind(out int first, out int count, bool isTaken)
    {
        for (var i = 0; i < _urgent.Count; i++)
        {
            if (TryFindIn(_urgent[i].First, _urgent[i].End, out first, out count)) { return true; }
            if (isTaken && HasAll(_urgent[i])) { _urgent.RemoveAt(i--); }
        }
        if (!_isAllWanted)
        {
            (first, count) = (0, 0);
            return false;
        }
        var end = _file?.Chunks ?? 1;
        if (TryFindIn(_next, end, out first, out count))
        {
            if (isTaken) { _next = first + count; }
            return true;
        }
        // What was given back.
        return TryFindIn(0, end, out first, out count);
    }

    private bool HasAll((int First, int End) range)
    {
        for (var chunk = range.First; chunk < range.End; chunk++)
        {
            if (_file is null || (chunk < _file.Chunks && !_file.Has(chunk))) { return false; }
        }
        return true;
    }

    private bool TryFindIn(int from, int end, out int first, out int count)
    {
        (first, count) = (from, 0);
        if (_file is { } here) { end = Math.Min(end, here.Chunks); }
        while (first < end && !IsOpen(first)) { first++; }
        while (first + count < end && count < BlobFrames.MaxChunks && IsOpen(first + count)) { count++; }
        return count > 0;
    }

    private bool IsOpen(int chunk) => !_underWay.Contains(chunk) && _file?.Has(chunk) != true;
}
