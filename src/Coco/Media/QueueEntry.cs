namespace Coco.Media;

/// <summary>An object of a queue, what is left of one that was left out, or a signature.</summary>
internal sealed class QueueEntry
{
    public QueueEntry(LiveObject item, TimeSpan dueAt)
    {
        (Object, Place, Priority, DueAt) = (item, item.Place, item.Priority, dueAt);
    }

    public QueueEntry(LiveSignature signature) => (Signature, Place) = (signature, new(signature.Group, signature.Count, 0, ObjectPlace.NoChain));

    /// <summary>The object; null where it was left out.</summary>
    public LiveObject? Object { get; private set; }

    public LiveSignature? Signature { get; }

    /// <summary>Where it stands.</summary>
    public ObjectPlace Place { get; }

    public byte Priority { get; }

    /// <summary>When it is of no use any more.</summary>
    public TimeSpan DueAt { get; }

    /// <summary>Of one that was left out, where it is needed.</summary>
    public byte[]? Leaf { get; private set; }

    /// <summary>How old it was when it came here; where it is on its way to the app.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Whether it was published before this node joined.</summary>
    public bool IsCatchUp { get; init; }

    public int Length => Object?.Body.Length ?? 0;

    public bool IsLeftOut => Object is null && Signature is null;

    public void LeaveOut(bool keepsLeaf)
    {
        Leaf = keepsLeaf ? Object?.Leaf : null;
        Object = null;
    }
}
