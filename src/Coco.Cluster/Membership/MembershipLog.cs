using Coco.Cluster.Statements;

namespace Coco.Cluster.Membership;

/// <summary>
/// The statements of one network that a node knows, and what they amount to. Whatever order they come in, the same statements give the
/// same state. Bytes of peers go to <see cref="Add(ReadOnlySpan{byte})"/>; nothing in them throws.
/// </summary>
internal sealed partial class MembershipLog(NetworkId network, MembershipOptions options)
{
    private readonly Queue<MembershipEvent> _events = new();
    private EntrySet _entries = new();
    private Evaluation? _evaluation;
    private NetworkState? _state;

    public NetworkId Network => network;

    public int Count => _entries.InOrder.Count;

    public long Bytes => _entries.Bytes;

    /// <summary>What the statements amount to. Found when it is asked for, and the same object until something changes it.</summary>
    public NetworkState State
    {
        get
        {
            Evaluate();
            return _state!;
        }
    }

    /// <summary>Takes a statement as it came from a peer or from disk.</summary>
    public StatementResult Add(ReadOnlySpan<byte> signed)
    {
        if (signed.Length <= Statement.MaxLength && IsKnown(StatementId.Of(signed))) { return StatementOutcome.Known; }
        return Statement.Read(signed, network, out var refusal) is { } statement ? Add(statement) : refusal;
    }

    /// <summary>Takes a statement that has been read, and so verified.</summary>
    public StatementResult Add(Statement statement)
    {
        if (statement.Network != network) { return Refusal.OtherNetwork; }
        if (IsKnown(statement.Id)) { return StatementOutcome.Known; }
        var result = TryAdd(statement);
        if (result.Outcome is StatementOutcome.Added) { AddWaitersOf(statement.Id); }
        return result;
    }

    /// <summary>Why a statement in the log has no effect; none if it has, null if it is not in the log.</summary>
    public VoidReason? ReasonOf(StatementId id)
    {
        Evaluate();
        return _entries.Find(id) is { } entry ? _evaluation!.ReasonOf(entry) : null;
    }

    public Statement? Find(StatementId id) => _entries.Find(id)?.Statement;

    /// <summary>What became known, oldest first.</summary>
    public bool TryTakeEvent(out MembershipEvent? happened)
    {
        if (_events.Count == 0) { Evaluate(); }
        return _events.TryDequeue(out happened);
    }

    private bool IsKnown(StatementId id) => _entries.Find(id) is not null;

    private StatementResult TryAdd(Statement statement)
    {
        var refusal = Check(statement, out var missing, out var distance);
        if (refusal is not Refusal.None) { return refusal; }
        if (missing is { } id) { return Wait(statement, id); }
        refusal = CheckRoom(statement, distance);
        if (refusal is not Refusal.None) { return refusal; }

        if (_entries.After(statement.Issuer, statement.Previous) is [var other, ..])
        {
            Happened(new MembershipEvent.Equivocation(statement.Issuer, other.Statement, statement));
        }
        _entries.Add(new(statement, distance));
        _evaluation = null;
        Happened(new MembershipEvent.StatementAdded(statement));
        return StatementOutcome.Added;
    }

    private void Evaluate()
    {
        while (_evaluation is null)
        {
            _evaluation = Evaluation.Run(network, _entries, _installed);
            // A snapshot stands for statements that others may be waiting for.
            if (UseSnapshot(_evaluation)) { AddWhatTheSnapshotAllows(); }
        }
        if (_state is not null && ReferenceEquals(_state.Facts, _evaluation.Facts)) { return; }

        var before = _state;
        var now = new NetworkState(network, _evaluation.Facts);
        _state = now;
        if (before is not null && now.HasSameFacts(before)) { return; }
        Happened(new MembershipEvent.StateChanged(now));
        if (before is null) { return; }
        if (before.Owner is { } && now.Owner is { } owner && owner != before.Owner) { Happened(new MembershipEvent.OwnerChanged(owner)); }
        foreach (var user in now.RevokedUsers.Except(before.RevokedUsers)) { Happened(new MembershipEvent.UserRevoked(user)); }
        foreach (var node in now.RevokedNodes.Except(before.RevokedNodes)) { Happened(new MembershipEvent.NodeRevoked(node)); }
    }

    private void Happened(MembershipEvent happened)
    {
        if (_events.Count == options.MaxEvents) { _events.Dequeue(); }
        _events.Enqueue(happened);
    }
}
