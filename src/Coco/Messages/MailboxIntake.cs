using Coco.Crypto;

namespace Coco.Messages;

/// <summary>What one sender leaves at this node on one stream, and when all of it that is kept is on the disk.</summary>
internal sealed class MailboxIntake(NodeId sender, MessageJournal journal, bool isMailbox)
{
    private readonly HashSet<NodeId> _refused = []; // what follows a message that is not kept could not be handed out before it
    private HashSet<NodeId> _receivers = [];

    /// <summary>Done when all that was kept so far is on the disk: before that none of it may be said to be.</summary>
    public Task Committed { get; private set; } = Task.CompletedTask;

    public DepositAnswer Take(NodeId receiver, ulong lineage, ulong sequence, long expiresMs, ReadOnlySpan<byte> box)
    {
        if (!isMailbox) { return DepositAnswer.NoMailbox; }
        if (_refused.Contains(receiver) || !journal.TryKeep(sender, receiver, lineage, sequence, expiresMs, box, out var committed))
        {
            _refused.Add(receiver);
            return DepositAnswer.NoRoom;
        }
        Committed = Committed.IsCompletedSuccessfully ? committed : Task.WhenAll(Committed, committed);
        _receivers.Add(receiver);
        return DepositAnswer.Kept;
    }

    /// <summary>For whom something was kept since the last call.</summary>
    public HashSet<NodeId> TakeReceivers()
    {
        var receivers = _receivers;
        if (receivers.Count > 0) { _receivers = []; }
        return receivers;
    }
}
