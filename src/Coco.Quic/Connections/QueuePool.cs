using System.Diagnostics.CodeAnalysis;

namespace Coco.Quic.Connections;

/// <summary>Spare queues for all connections of one loop: a connection holds one only while something waits in it.</summary>
internal sealed class QueuePool<T>
{
    private const int MaxQueues = 64, LargestQueue = 256; // chosen: some hundred KiB kept at most

    private readonly Stack<Queue<T>> _spare = new();

    public void Enqueue([NotNull] ref Queue<T>? queue, in T item)
    {
        if (queue is null && !_spare.TryPop(out queue)) { queue = new(); }
        queue.Enqueue(item);
    }

    /// <summary>Takes the next item; whoever asks an empty queue gives it back.</summary>
    public bool TryTake(ref Queue<T>? queue, [MaybeNullWhen(false)] out T item)
    {
        item = default;
        if (queue is null) { return false; }
        if (queue.TryDequeue(out item)) { return true; }
        if (_spare.Count < MaxQueues && queue.EnsureCapacity(0) <= LargestQueue) { _spare.Push(queue); }
        queue = null;
        return false;
    }
}
