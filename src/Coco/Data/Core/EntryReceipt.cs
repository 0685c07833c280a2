using Coco.Crypto;

namespace Coco.Data.Core;

/// <summary>Which other nodes have a version of an entry on their disks.</summary>
internal sealed class EntryReceipt(Digest collection, Digest content, int wanted)
{
    public Digest Collection { get; } = collection;

    public Digest Content { get; } = content;

    public HashSet<NodeId> Holders { get; } = [];

    public Refusal Refused { get; set; }

    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Add(NodeId holder)
    {
        Holders.Add(holder);
        if (Holders.Count >= wanted) { Done.TrySetResult(); }
    }
}
