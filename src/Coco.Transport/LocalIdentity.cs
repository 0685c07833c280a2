using Coco.Crypto;
using Coco.Traversal.Records;
using Coco.Traversal.Roaming;

namespace Coco.Transport;

/// <summary>One of an endpoint's identities, from the call that adds it to the end of its removal.</summary>
internal sealed class LocalIdentity(IdentityKey key, IdentityOptions options)
{
    private volatile LocalNode? _node;

    public NodeId Id { get; } = key.Id;

    public IdentityKey Key => key;

    public IdentityOptions Options => options;

    /// <summary>What the core has of it; null before the loop has heard of it.</summary>
    public LocalNode? Node
    {
        get => _node;
        set => _node = value;
    }

    /// <summary>What it says of where it can be found; null until anything is known.</summary>
    public AddressRecord? Record => _node?.Record;

    /// <summary>The newest that was published; the loop's.</summary>
    public AddressRecord? Published { get; set; }

    /// <summary>Whether it is to go: whoever adds and removes from several threads may be heard in another order. The loop's.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Completes when nothing is left of it.</summary>
    public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
