using System.Data.Common;
using System.Globalization;
using Coco.ControlPlane.Storage;
using Coco.Crypto;
using Coco.Transport.Lookup;
using Coco.Traversal.Records;

namespace Coco.ControlPlane.Relaying;

/// <summary>
/// Where clients of all instances are: their signed records, in the database that instances share. Written in bundles, so that a crowd that comes back costs
/// some transactions; read when a relay is asked for somebody who is not its own client. Only members' are kept: strangers' have no end.
/// </summary>
internal sealed class RelayRecords(Database database, RelayTermsTable terms, TimeProvider time, ILogger logger) : IAddressLookup, IAsyncDisposable
{
    private const int RowsOfBundle = 500;

    private static readonly TimeSpan Bundling = TimeSpan.FromMilliseconds(50); // chosen: no longer than a caller waits before it asks again
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new(); // guards the four below
    private readonly AddressRecordStore _recent = new(10_000, 16 << 20); // a joiner says where it is before it is anybody's
    private readonly Dictionary<NodeId, AddressRecord> _waiting = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;

    public async ValueTask<AddressRecord?> FindAsync(NodeId id, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_waiting.TryGetValue(id, out var own)) { return own; }
        }
        var name = id.ToString();
        var bytes = await database.ReadAsync(session => session.FirstAsync($"SELECT record FROM relay_records WHERE node = {name}", static row => row.Bytes("record")), cancellationToken);
        return bytes is not null && AddressRecord.TryRead(bytes, out var record) ? record : null;
    }

    /// <summary>Has the record written soon. The newest of each node waits, as many as there are clients.</summary>
    public ValueTask PublishAsync(AddressRecord record, CancellationToken cancellationToken = default)
    {
        Publish(record);
        return default;
    }

    /// <summary>Nodes belong to a network now, or do not any more: what those have said already that do is kept from now on.</summary>
    public void HandleTermsChanged(IReadOnlyCollection<NodeId> nodes)
    {
        foreach (var node in nodes.Where(terms.IsMember))
        {
            AddressRecord? record;
            lock (_lock) { record = _recent.Find(node); }
            if (record is not null) { Publish(record); }
        }
    }

    /// <summary>Forgets records of nodes that are no members, which were written while they were removed. A member's goes with the member and not by its age: there is one of
    /// each, one that does not move says nothing new for as long as it stays, and a clock that jumps makes all of them look old.</summary>
    /// <returns>How many went.</returns>
    public async Task<int> ForgetStraysAsync(CancellationToken cancellationToken)
    {
        for (var total = 0; ;)
        {
            // Found without a transaction, which would meet everybody who writes.
            var strays = await database.ReadAsync(
                session => session.QueryAsync(
                    $"SELECT r.node FROM relay_records r LEFT JOIN relay_nodes n ON n.node = r.node WHERE n.node IS NULL LIMIT {(long)RowsOfBundle}", static row => row.Text("node")),
                cancellationToken);
            foreach (var node in strays)
            {
                total += await database.WriteAsync(
                    session => session.ExecuteAsync($"DELETE FROM relay_records WHERE node = {node} AND NOT EXISTS (SELECT 1 FROM relay_nodes WHERE node = {node})"), cancellationToken);
            }
            if (strays.Count < RowsOfBundle) { return total; }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _writing;
        _stopping.Dispose();
    }

    private void Publish(AddressRecord record)
    {
        lock (_lock)
        {
            _recent.TryAdd(record);
            if (!terms.IsMember(record.Id)) { return; } // looked at in this order, or one admitted between would be missed
            if (_waiting.TryGetValue(record.Id, out var older) && !record.IsNewerThan(older)) { return; }
            _waiting[record.Id] = record;
            if (!_isWriting && !_stopping.IsCancellationRequested)
            {
                _isWriting = true;
                _writing = Task.Run(WriteAsync, CancellationToken.None);
            }
        }
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            await Task.Delay(Bundling, _stopping.Token).ContinueWith(static _ => { }, TaskScheduler.Default); // what waits is written before the end, too
            AddressRecord[] bundle;
            lock (_lock)
            {
                bundle = [.. _waiting.Values.Take(RowsOfBundle)];
                if (bundle.Length == 0)
                {
                    _isWriting = false;
                    return;
                }
            }
            try
            {
                await database.WriteAsync(session => WriteAsync(session, bundle), CancellationToken.None);
                Written(bundle);
            }
            catch (Exception exception) when (exception is DbException or StorageException or TimeoutException or IOException or InvalidOperationException)
            {
                RelayingLog.RecordsNotWritten(logger, exception, bundle.Length);
                if (_stopping.IsCancellationRequested) { return; }
                await Task.Delay(Retry, _stopping.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }
    }

    private void Written(AddressRecord[] bundle)
    {
        lock (_lock)
        {
            foreach (var record in bundle)
            {
                if (_waiting.TryGetValue(record.Id, out var newest) && newest == record) { _waiting.Remove(record.Id); }
            }
        }
    }

    private async Task WriteAsync(Session session, AddressRecord[] bundle)
    {
        var now = time.GetUtcNow();
        var (rows, isFirst) = (SqlText.Empty, true);
        foreach (var record in bundle.OrderBy(static record => record.Id.ToString(), StringComparer.Ordinal))
        {
            if (!isFirst) { rows.AppendLiteral(", "); }
            isFirst = false;
            rows.AppendFormatted((SqlText)$"({record.Id.ToString()}, {record.Sequence.ToString("d20", CultureInfo.InvariantCulture)}, {record.Encoded.ToArray()}, {now})");
        }
        await session.ExecuteAsync(
            $"INSERT INTO relay_records (node, sequence, record, at) VALUES {rows} ON CONFLICT (node) DO UPDATE SET sequence = excluded.sequence, record = excluded.record, at = excluded.at WHERE relay_records.sequence < excluded.sequence");
    }
}
