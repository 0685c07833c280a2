using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Coco.Storage.Files;
using Coco.Storage.Sealing;
using Coco.Storage.Sqlite;

namespace Coco.Storage;

/// <summary>
/// Sealed rows in one database, on disk or in memory: what is read, changed and checked under one lock of the caller's. Not
/// thread-safe.
/// </summary>
internal sealed partial class SealedDatabase : IDisposable
{
    private const int KeysPart = 1, StatePart = 2;

    // Compared to the letter at each opening: what else is in a schema runs when a statement does.
    private const string HeadTable = "CREATE TABLE head(part INTEGER PRIMARY KEY, value BLOB NOT NULL)";
    private const string RowTable =
        "CREATE TABLE entry(generation INTEGER NOT NULL, id BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY(generation, id)) WITHOUT ROWID";

    private readonly Connection _connection;
    private readonly Statement _get, _put, _delete, _scan, _setHead;
    private readonly KeyRing _ring;
    private StoreState _state;

    // What the check of an opening has read of some tables, for the first scan of each; out of date with the first change.
    private Dictionary<string, List<StoreRow>>? _kept;

    private SealedDatabase(Connection connection, KeyRing ring, StoreState state)
    {
        (_connection, _ring, _state) = (connection, ring, state);
        _get = new(connection, "SELECT value FROM entry WHERE generation = ?1 AND id = ?2");
        _put = new(connection, "INSERT INTO entry(generation, id, value) VALUES(?1, ?2, ?3)");
        _delete = new(connection, "DELETE FROM entry WHERE generation = ?1 AND id = ?2");
        _scan = new(connection, "SELECT id, value FROM entry WHERE generation = ?1 AND id BETWEEN ?2 AND ?3 ORDER BY id LIMIT ?4");
        _setHead = new(connection, "REPLACE INTO head(part, value) VALUES(?1, ?2)");
    }

    public ulong Version => _state.Version;

    public ulong Rows => _state.Rows;

    public uint Generation => _ring.Newest.Generation;

    public bool IsRotating => _ring.IsRotating;

    /// <summary>The bytes of a file with a new, empty store.</summary>
    public static byte[] New(KeyRing ring)
    {
        using var connection = new Connection(Connection.Memory, vfs: null);
        WriteNew(connection, ring);
        var file = connection.Serialize();
        StoreHeader.UseWriteAheadLog(file);
        return file;
    }

    /// <summary>A store that is nowhere but in memory, under a key nobody has.</summary>
    public static SealedDatabase InMemory(StoreOptions options)
    {
        Span<byte> secret = stackalloc byte[DataKey.Size];
        Coco.Crypto.RandomSource.System.Fill(secret);
        var connection = new Connection(Connection.Memory, vfs: null);
        try
        {
            using var key = StoreKey.FromSecret(secret);
            var ring = KeyRing.Generate(WrapKey.Generate(key, options));
            var record = WriteNew(connection, ring);
            return new(connection, ring, StoreState.Empty(record));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public bool TryGet(StoreTable table, ReadOnlySpan<byte> key, [NotNullWhen(true)] out byte[]? value)
    {
        value = null;
        foreach (var dataKey in _ring.Keys)
        {
            var id = dataKey.IdOf(table.Name, key);
            if (!TryGetRow(dataKey, id, out var row)) { continue; }

            var content = Open(dataKey, id, row);
            if (!content.Key.SequenceEqual(key)) { throw _connection.Damage("a row is not the one it should be"); }
            value = content.Value.ToArray();
            return true;
        }
        return false;
    }

    public List<StoreRow> Scan(StoreTable table)
    {
        if (_kept is not null && _kept.Remove(table.Name, out var kept)) { return kept; }
        var rows = new List<StoreRow>();
        foreach (var dataKey in _ring.Keys)
        {
            var first = dataKey.FirstIdOf(table.Name);
            Select(dataKey, first, first.LastOfTable(), limit: -1, (in id, row) =>
            {
                var content = Open(dataKey, id, row);
                if (content.IsOf(table)) { rows.Add(new(content.Key.ToArray(), content.Value.ToArray())); }
            });
        }
        return rows;
    }

    /// <summary>Makes all the changes or, when it throws, none; but see <see cref="StoreError.Io"/>.</summary>
    public void Apply(IEnumerable<StoreTransaction.Change> changes) => InTransaction(digest =>
    {
        var added = 0;
        foreach (var change in changes)
        {
            foreach (var key in _ring.Keys) { added -= Remove(digest, key, key.IdOf(change.Table.Name, change.Key)); }
            if (change.Value is null) { continue; }

            var newest = _ring.Newest;
            Insert(digest, newest, newest.IdOf(change.Table.Name, change.Key), RowContent.Write(change.Table, change.Key, change.Value));
            added++;
        }
        return added;
    });

    public long LogSize() => _connection.IsMemory ? 0 : _connection.LogSize();

    /// <summary>Leaves the log for the next opening, since nothing more is sure to be written.</summary>
    public void KeepLog()
    {
        if (!_connection.IsMemory) { _connection.CheckpointOnClose(false); }
    }

    public void Checkpoint()
    {
        if (!_connection.IsMemory) { _connection.Checkpoint(); }
    }

    public void Dispose()
    {
        _get.Dispose();
        _put.Dispose();
        _delete.Dispose();
        _scan.Dispose();
        _setHead.Dispose();
        _connection.Dispose();
        _ring.Dispose();
    }

    private static byte[] WriteNew(Connection connection, KeyRing ring)
    {
        connection.Execute($"PRAGMA page_size={StoreHeader.PageSize}; PRAGMA application_id={StoreHeader.ApplicationId}; "
            + $"PRAGMA user_version={StoreHeader.FormatVersion}; {HeadTable}; {RowTable}");
        var record = KeyRecord.Write(ring, ring.Keys);
        using var set = new Statement(connection, "INSERT INTO head(part, value) VALUES(?1, ?2)");
        set.Bind(1, KeysPart).Bind(2, record).Run();
        set.Bind(1, StatePart).Bind(2, StoreState.Empty(record).Seal(ring.Newest)).Run();
        return record;
    }

    /// <summary>
    /// Runs <paramref name="change"/>, which toggles rows in the digest and says how many rows there are more, and commits.
    /// </summary>
    private void InTransaction(Func<StoreDigest, int> change, byte[]? keyRecord = null)
    {
        _kept = null;
        var digest = new StoreDigest(_state.Digest.Sum);
        _connection.Execute("BEGIN IMMEDIATE");
        try
        {
            var added = change(digest);
            var next = _state.Next(added, digest, keyRecord is null ? _state.KeyRecordHash : SHA256.HashData(keyRecord));
            if (keyRecord is not null) { _setHead.Bind(1, KeysPart).Bind(2, keyRecord).Run(); }
            _setHead.Bind(1, StatePart).Bind(2, next.Seal(_ring.Newest)).Run();
            _connection.Execute("COMMIT");
            _state = next;
        }
        catch
        {
            _connection.TryRollback();
            throw;
        }
    }

    private void Insert(StoreDigest digest, DataKey key, in RowId id, byte[] content)
    {
        var row = key.SealRow(id, content);
        CryptographicOperations.ZeroMemory(content);
        _put.Bind(1, key.Generation).Bind(2, id).Bind(3, row).Run();
        key.AddTo(digest, id, row);
    }

    private int Remove(StoreDigest digest, DataKey key, in RowId id)
    {
        if (!TryGetRow(key, id, out var row)) { return 0; }
        if (row.Length < Envelope.Overhead) { throw _connection.Damage("a row is too short"); }

        key.AddTo(digest, id, row);
        _delete.Bind(1, key.Generation).Bind(2, id).Run();
        return 1;
    }

    private bool TryGetRow(DataKey key, in RowId id, [NotNullWhen(true)] out byte[]? row)
    {
        try
        {
            row = _get.Bind(1, key.Generation).Bind(2, id).Step() ? _get.Blob(0).ToArray() : null;
            return row is not null;
        }
        finally
        {
            _get.Reset();
        }
    }

    private delegate void RowAction(in RowId id, byte[] row);

    private int Select(DataKey key, in RowId first, in RowId last, int limit, RowAction action)
    {
        var count = 0;
        try
        {
            _scan.Bind(1, key.Generation).Bind(2, first).Bind(3, last).Bind(4, limit);
            for (; _scan.Step(); count++)
            {
                var id = _scan.Blob(0);
                if (id.Length != RowId.Size) { throw _connection.Damage("a row has a name of the wrong length"); }
                action(RowId.Read(id), _scan.Blob(1).ToArray());
            }
            return count;
        }
        finally
        {
            _scan.Reset();
        }
    }

    private RowContent Open(DataKey key, in RowId id, Span<byte> row) =>
        key.TryOpenRow(id, row, out var content) && RowContent.TryRead(content, out var result)
            ? result
            : throw _connection.Damage("a row does not open");
}
