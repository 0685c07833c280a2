using System.Security.Cryptography;
using System.Text;
using Coco.Storage.Files;
using Coco.Storage.Sealing;
using Coco.Storage.Sqlite;

namespace Coco.Storage;

internal sealed partial class SealedDatabase
{
    /// <summary>
    /// Opens a file and reads all of it. Until everything has been found in order nothing is written, not even what a crash left
    /// in the log.
    /// </summary>
    public static SealedDatabase Open(StoreFile file, StoreKey key, StoreOptions options)
    {
        var connection = new Connection(file.Path, options.FileSystem);
        KeyRing? ring = null;
        try
        {
            // Exclusive before the first look at the file: the index of the log is then in memory, and there is no -shm file.
            connection.Execute($"PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-{options.CacheKiB}; PRAGMA synchronous=FULL; "
                + "PRAGMA fullfsync=ON; PRAGMA checkpoint_fullfsync=ON; PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY; "
                + "PRAGMA secure_delete=ON; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0");
            CheckStructure(connection);
            var record = ReadHead(connection, KeysPart);
            if (KeyRecord.Read(record, key, out ring) is { } error) { throw new StoreException(error, file.Path); }

            var state = ReadState(connection, ring!, record);
            var kept = options.ScannedFirst.ToDictionary(static table => table.Name, static _ => new List<StoreRow>());
            CheckRows(connection, ring!, state, kept);
            // The cache was made before SQLite knew its size, and the check has filled it.
            connection.Execute("PRAGMA shrink_memory");
            connection.CheckpointOnClose(true);
            return new(connection, ring!, state) { _kept = kept };
        }
        catch
        {
            ring?.Dispose();
            connection.Dispose();
            file.RemoveEmptyLog();
            throw;
        }
    }

    private static void CheckStructure(Connection connection)
    {
        using (var schema = new Statement(connection, "SELECT sql FROM sqlite_schema ORDER BY name"))
        {
            // In the order of the names. A table with a row id and one without have no index beside them.
            if (!schema.Step() || schema.Text(0) != RowTable || !schema.Step() || schema.Text(0) != HeadTable || schema.Step())
            {
                throw connection.Damage("its tables are not a store's");
            }
        }
        using var check = new Statement(connection, "PRAGMA integrity_check(1)");
        if (!check.Step() || check.Text(0) != "ok") { throw connection.Damage("its pages do not fit together"); }
    }

    private static byte[] ReadHead(Connection connection, int part)
    {
        using var get = new Statement(connection, "SELECT value FROM head WHERE part = ?1");
        return get.Bind(1, part).Step() ? get.Blob(0).ToArray() : throw connection.Damage("a part of its head is missing");
    }

    private static StoreState ReadState(Connection connection, KeyRing ring, byte[] record)
    {
        var state = StoreState.TryOpen(ring.Newest, ReadHead(connection, StatePart)) ?? throw connection.Damage("its state does not open");
        return state.KeyRecordHash.Span.SequenceEqual(SHA256.HashData(record))
            ? state
            : throw connection.Damage("its key record is not the one it should have");
    }

    private static void CheckRows(Connection connection, KeyRing ring, StoreState state, Dictionary<string, List<StoreRow>> kept)
    {
        var row = Array.Empty<byte>();
        var tables = kept.Select(static pair => (Name: Encoding.ASCII.GetBytes(pair.Key), pair.Value)).ToArray();
        var (digest, rows) = (new StoreDigest(), 0UL);
        using var all = new Statement(connection, "SELECT generation, id, value FROM entry");
        for (; all.Step(); rows++)
        {
            if (ring.Find(all.Integer(0)) is not { } key || all.Blob(1).Length != RowId.Size)
            {
                throw connection.Damage("a row is of no known key");
            }

            var id = RowId.Read(all.Blob(1));
            var blob = all.Blob(2);
            if (blob.Length > row.Length) { row = new byte[Math.Max(blob.Length, 2 * row.Length)]; }
            blob.CopyTo(row);
            var sealedRow = row.AsSpan(0, blob.Length);
            if (blob.Length >= Envelope.Overhead) { key.AddTo(digest, id, sealedRow); }
            if (!key.TryOpenRow(id, sealedRow, out var plaintext) || !RowContent.TryRead(plaintext, out var content)
                || !id.Equals(key.IdOf(content.Table, content.Key)))
            {
                throw connection.Damage("a row does not open");
            }
            foreach (var (name, rowsOfIt) in tables)
            {
                if (content.Table.SequenceEqual(name)) { rowsOfIt.Add(new(content.Key.ToArray(), content.Value.ToArray())); }
            }
            CryptographicOperations.ZeroMemory(sealedRow);
        }
        if (rows != state.Rows || !digest.Sum.SequenceEqual(state.Digest.Sum))
        {
            throw connection.Damage("rows are missing or out of date");
        }
    }
}
