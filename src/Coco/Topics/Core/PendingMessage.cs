using Coco.Crypto;

namespace Coco.Topics.Core;

/// <summary>A message whose publisher waits until all subscribers have it.</summary>
internal sealed class PendingMessage(OwnStream stream, ulong sequence, ITopicReceipt receipt, TimeSpan deadline)
{
    public OwnStream Stream { get; } = stream;

    public ulong Sequence { get; } = sequence;

    /// <summary>Those that have not said so yet.</summary>
    public HashSet<NodeId> Waiting { get; } = [];

    /// <summary>How many more are to say so, of those that others pass it on to.</summary>
    public int Counting { get; set; }

    public bool IsDone => Waiting.Count == 0 && Counting <= 0;

    public int Acknowledged { get; set; }

    public TimeSpan Deadline { get; } = deadline;

    public ITopicReceipt Receipt { get; } = receipt;
}
