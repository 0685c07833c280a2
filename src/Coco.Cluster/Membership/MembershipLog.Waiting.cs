using Coco.Cluster.Statements;

namespace Coco.Cluster.Membership;

/// <content>Statements that came before what they depend on. They are a convenience: a peer offers again what was forgotten here.</content>
internal sealed partial class MembershipLog
{
    private readonly Dictionary<StatementId, List<Statement>> _waitersOf = [];
    private readonly HashSet<StatementId> _waiting = [];
    private readonly Queue<(StatementId For, Statement Statement)> _ofIssuers = new();
    private readonly Queue<(StatementId For, Statement Statement)> _ofStrangers = new();

    public int WaitingCount => _waiting.Count;

    private StatementResult Wait(Statement statement, StatementId missing)
    {
        if (!_waiting.Add(statement.Id)) { return StatementOutcome.Waiting; }
        // Whoever is not known to have an office shares a quarter of the room, so that strangers cannot push the others out.
        var isStranger = FindOffice(statement, out _) is null;
        var queue = isStranger ? _ofStrangers : _ofIssuers;
        var room = isStranger ? options.MaxWaiting / 4 : options.MaxWaiting - (options.MaxWaiting / 4);
        queue.Enqueue((missing, statement));
        if (!_waitersOf.TryGetValue(missing, out var waiters)) { _waitersOf.Add(missing, waiters = []); }
        waiters.Add(statement);
        while (queue.Count > room) { Forget(queue.Dequeue()); }
        return StatementOutcome.Waiting;
    }

    private void Forget((StatementId For, Statement Statement) waiter)
    {
        // What stopped waiting since is in the queue still, and no longer among the waiters.
        if (!_waitersOf.TryGetValue(waiter.For, out var waiters) || !waiters.Remove(waiter.Statement)) { return; }
        if (waiters.Count == 0) { _waitersOf.Remove(waiter.For); }
        _waiting.Remove(waiter.Statement.Id);
    }

    private void AddWaitersOf(StatementId added)
    {
        var arrived = new Queue<StatementId>([added]);
        while (arrived.TryDequeue(out var id))
        {
            if (!_waitersOf.Remove(id, out var waiters)) { continue; }
            foreach (var statement in waiters)
            {
                _waiting.Remove(statement.Id);
                // What a package brought is added with it, whether it waited or not.
                if (IsKnown(statement.Id)) { continue; }
                if (TryAdd(statement).Outcome is StatementOutcome.Added) { arrived.Enqueue(statement.Id); }
            }
        }
    }

    private void AddWhatTheSnapshotAllows()
    {
        foreach (var id in _waitersOf.Keys.ToArray()) { AddWaitersOf(id); }
    }

    // Directly, or because something waits for it that a senior's statement waits for.
    private bool IsWantedBySenior(StatementId id, int distance)
    {
        var looked = new HashSet<StatementId>();
        var open = new Stack<StatementId>([id]);
        while (open.TryPop(out var next))
        {
            if (!looked.Add(next) || !_waitersOf.TryGetValue(next, out var waiters)) { continue; }
            foreach (var waiter in waiters)
            {
                if (FindOffice(waiter, out _) is { } office && office.Distance < distance) { return true; }
                open.Push(waiter.Id);
            }
        }
        return false;
    }
}
