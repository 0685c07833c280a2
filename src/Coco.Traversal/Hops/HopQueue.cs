using System.Buffers;
using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Hops;

/// <summary>
/// What waits for one neighbour while the way to it is full, shared among its sources by bytes: each has a shallow queue of its own, and they
/// take turns (deficit round robin). Who sends more than its share fills its own queue only, and loses what does not fit.
/// </summary>
internal sealed class HopQueue(HopOptions options)
{
    private const int MaxSpareSources = 64;
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(20); // chosen: longer than a busy host's loop takes to come round

    private readonly Dictionary<(int, NodeId), HopSource> _sources = [];
    private readonly Queue<HopSource> _turns = new();
    private readonly Stack<HopSource> _spare = new();
    private TokenBucket _rate = new(
        options.BytesPerSecond, Math.Max(2 * RelayDatagram.MaxLength, (long)(options.BytesPerSecond * Burst.TotalSeconds)));

    /// <summary>Bytes that wait.</summary>
    public int Bytes { get; private set; }

    public bool IsEmpty => _turns.Count == 0;

    /// <summary>Lets bytes pass at once, where none wait and the rate allows it.</summary>
    public bool TryPass(int length)
    {
        if (!IsEmpty || !_rate.Has(length)) { return false; }
        _rate.Take(length);
        return true;
    }

    /// <summary>To be called before <see cref="TryPass"/> and <see cref="TryPeek"/>.</summary>
    public void Refill(TimeSpan now) => _rate.Refill(now);

    /// <summary>Keeps a datagram for its source's turn. False when the source has its share of the queue already.</summary>
    public bool TryAdd((int Neighbour, NodeId Far) key, ReadOnlySpan<byte> datagram, EcnCodepoint ecn)
    {
        var isKnown = _sources.TryGetValue(key, out var source);
        // A newcomer always has room for one, so that its turn comes.
        var share = Math.Max(RelayDatagram.MaxLength, options.MaxQueuedBytes / (_sources.Count + (isKnown ? 0 : 1)));
        if ((source?.Bytes ?? 0) + datagram.Length > share || Bytes + datagram.Length > 2 * options.MaxQueuedBytes) { return false; }
        if (source is null)
        {
            source = _spare.TryPop(out var spare) ? spare : new();
            (source.Key, source.Deficit) = (key, RelayDatagram.MaxLength);
            _sources.Add(key, source);
            _turns.Enqueue(source);
        }
        var buffer = ArrayPool<byte>.Shared.Rent(datagram.Length);
        datagram.CopyTo(buffer);
        source.Waiting.Enqueue((buffer, datagram.Length, ecn));
        source.Bytes += datagram.Length;
        Bytes += datagram.Length;
        return true;
    }

    /// <summary>The length and mark of the datagram whose turn it is. False when none waits, or the rate does not allow it yet.</summary>
    public bool TryPeek(out int length, out EcnCodepoint ecn)
    {
        (length, ecn) = (0, default);
        while (_turns.TryPeek(out var source))
        {
            (_, length, ecn) = source.Waiting.Peek();
            if (length <= source.Deficit) { return _rate.Has(length); }
            source.Deficit += RelayDatagram.MaxLength;
            _turns.Enqueue(_turns.Dequeue());
        }
        return false;
    }

    /// <summary>Takes what <see cref="TryPeek"/> told of.</summary>
    public void Take(Span<byte> destination)
    {
        var source = _turns.Peek();
        var (buffer, length, _) = source.Waiting.Dequeue();
        buffer.AsSpan(0, length).CopyTo(destination);
        ArrayPool<byte>.Shared.Return(buffer);
        _rate.Take(length);
        source.Deficit -= length;
        source.Bytes -= length;
        Bytes -= length;
        if (source.Waiting.Count > 0) { return; }
        _turns.Dequeue();
        _sources.Remove(source.Key);
        if (_spare.Count < MaxSpareSources) { _spare.Push(source); }
    }

    /// <summary>How long the rate makes the next wait; zero when something else does.</summary>
    public TimeSpan WaitForRate() => TryPeek(out var length, out _) || length == 0 ? TimeSpan.Zero : _rate.TimeUntil(length);

    /// <summary>Drops all.</summary>
    public void Clear()
    {
        foreach (var source in _turns)
        {
            foreach (var (buffer, _, _) in source.Waiting) { ArrayPool<byte>.Shared.Return(buffer); }
        }
        _turns.Clear();
        _sources.Clear();
        Bytes = 0;
    }
}
