using Coco.Mqtt.Bus;
using Coco.Mqtt.Sessions;
using Coco.Storage;

namespace Coco.Mqtt.Storing;

/// <summary>Sessions in a <see cref="NodeStore"/>: the changes of one turn of the loop are one commit.</summary>
/// <param name="store">The store.</param>
/// <param name="tables">The realm's tables.</param>
/// <param name="durable">Told on any thread that a commit is durable.</param>
/// <param name="failed">Told of a commit that could not be made; it is tried again.</param>
internal sealed class StoreSessionLog(NodeStore store, SessionTables tables, Action<long> durable, Action<StoreException> failed) : ISessionLog
{
    // Chosen: a full disk may be made room on.
    private static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(1);

    // Chosen: a commit of so many takes a moment, and nobody is answered before it.
    private const int FullAt = 10_000;

    private List<Change> _changes = [];
    private long _begun;
    private Task _committing = Task.CompletedTask;

    public long Last => _changes.Count > 0 ? _begun + 1 : _begun;

    public long Durable { get; private set; }

    /// <summary>Whether the changes should be made before there are more.</summary>
    public bool IsFull => _changes.Count >= FullAt;

    /// <summary>On the loop: a commit is durable.</summary>
    public void HandleDurable(long number) => Durable = Math.Max(Durable, number);

    /// <summary>Begins to make the changes since the last call. Commits end in the order in which they are begun.</summary>
    public void Commit()
    {
        if (_changes.Count == 0) { return; }
        var changes = _changes;
        _changes = [];
        _committing = CommitAsync(_committing, changes, ++_begun);
    }

    /// <summary>Done when all that was begun is durable, or cannot be.</summary>
    public Task WhenCommitted() => _committing;

    public void Save(Session session)
    {
        if (session.IsKept) { Put(tables.Sessions, SessionRows.Key(session), SessionRows.Value(session)); }
    }

    public void Remove(Session session)
    {
        if (!session.IsKept) { return; }
        foreach (var subscription in session.Subscriptions.Values) { Remove(subscription); }
        foreach (var delivery in session.Waiting.Concat(session.InFlight.Values)) { Remove(session, delivery); }
        foreach (var packetId in session.Received) { RemoveReceived(session, packetId); }
        Delete(tables.Sessions, SessionRows.Key(session));
    }

    public void Save(Subscription subscription)
    {
        if (subscription.Session.IsKept) { Put(tables.Subscriptions, SessionRows.Key(subscription), SessionRows.Value(subscription)); }
    }

    public void Remove(Subscription subscription)
    {
        if (subscription.Session.IsKept) { Delete(tables.Subscriptions, SessionRows.Key(subscription)); }
    }

    public void Save(Session session, Delivery delivery)
    {
        if (session.IsKept) { Put(tables.Messages, SessionRows.Key(session, delivery.Order), SessionRows.Value(delivery)); }
    }

    public void SaveProgress(Session session, Delivery delivery)
    {
        if (session.IsKept) { Put(tables.Progress, SessionRows.Key(session, delivery.Order), SessionRows.Progress(delivery)); }
    }

    public void Remove(Session session, Delivery delivery)
    {
        if (!session.IsKept) { return; }
        Delete(tables.Messages, SessionRows.Key(session, delivery.Order));
        if (delivery.PacketId != 0) { Delete(tables.Progress, SessionRows.Key(session, delivery.Order)); }
    }

    public void SaveReceived(Session session, ushort packetId)
    {
        if (session.IsKept) { Put(tables.Received, SessionRows.Key(session, packetId), [1]); }
    }

    public void RemoveReceived(Session session, ushort packetId)
    {
        if (session.IsKept) { Delete(tables.Received, SessionRows.Key(session, packetId)); }
    }

    public void SaveOutgoing(Message message) => Put(tables.Outgoing, message.Id.ToArray(), SessionRows.Value(message));

    public void RemoveOutgoing(Message message) => Delete(tables.Outgoing, message.Id.ToArray());

    public void SaveSeen(string filter, ulong place, ReadOnlyMemory<byte> number) =>
        Put(tables.Seen, SessionRows.SeenKey(SessionRows.Key(filter), place), SessionRows.Seen(place, number.Span));

    public void RemoveSeen(string filter, ulong count)
    {
        var key = SessionRows.Key(filter);
        for (ulong place = 0; place < Math.Min(count, SeenNumbers.Most); place++) { Delete(tables.Seen, SessionRows.SeenKey(key, place)); }
    }

    /// <summary>Forgets a number by the key of its row.</summary>
    public void RemoveSeen(ReadOnlyMemory<byte> key) => Delete(tables.Seen, key.ToArray());

    public void SaveRetained(Message message) => Put(tables.Retained, SessionRows.Key(message.Topic), SessionRows.Value(message));

    public void RemoveRetained(string topic) => Delete(tables.Retained, SessionRows.Key(topic));

    private void Put(StoreTable table, byte[] key, byte[] value) => _changes.Add(new(table, key, value));

    private void Delete(StoreTable table, byte[] key) => _changes.Add(new(table, key, null));

    private async Task CommitAsync(Task before, List<Change> changes, long number)
    {
        // Begun at once, so that the store syncs several together; one that failed holds up those behind it.
        if (!before.IsCompletedSuccessfully) { await before.ConfigureAwait(false); }
        while (true)
        {
            try
            {
                // One piece of work that has more is the end of a large session, or batches for very many: then the order of its changes is kept.
                foreach (var part in changes.Chunk(StoreTransaction.MaxChanges)) { await CommitAsync(part).ConfigureAwait(false); }
                durable(number);
                return;
            }
            catch (StoreException exception)
            {
                failed(exception);
                if (exception.Code is not StoreError.Full) { throw; }
                await Task.Delay(RetryTime).ConfigureAwait(false);
            }
        }
    }

    private Task CommitAsync(Change[] changes)
    {
        var transaction = store.Begin();
        foreach (var change in changes)
        {
            if (change.Value is null) { transaction.Delete(change.Table, change.Key); }
            else { transaction.Put(change.Table, change.Key, change.Value); }
        }
        return transaction.CommitAsync();
    }

    private readonly record struct Change(StoreTable Table, byte[] Key, byte[]? Value);
}
