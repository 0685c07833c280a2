using System.Runtime.InteropServices;

namespace Coco.Storage.Sqlite;

/// <summary>
/// One connection to one database file (or to memory), with what a store needs of it and every failure as a <see
/// cref="StoreException"/>. Not thread-safe.
/// </summary>
internal sealed unsafe class Connection : IDisposable
{
    /// <summary>The name of a database that is never on disk.</summary>
    public const string Memory = ":memory:";

    private readonly string _path;
    private nint _handle;

    public Connection(string path, string? vfs)
    {
        SqliteLibrary.Require();
        _path = path;
        // The absolute path keeps SQLite from reading a name that starts with "file:" as a URI.
        var name = path == Memory ? path : Path.GetFullPath(path);
        var flags = SqliteApi.OpenReadWrite | SqliteApi.OpenNoMutex | (path == Memory ? SqliteApi.OpenCreate | SqliteApi.OpenMemory : 0);
        try
        {
            Check(SqliteApi.sqlite3_open_v2(name, out _handle, flags, vfs));
            Check(SqliteApi.sqlite3_extended_result_codes(_handle, 1));
            Check(SqliteApi.ConfigureNoLookaside(_handle));
            Check(SqliteApi.Configure(_handle, SqliteApi.ConfigDefensive, 1));
            Check(SqliteApi.Configure(_handle, SqliteApi.ConfigTrustedSchema, 0));
            CheckpointOnClose(false);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public bool IsMemory => _path == Memory;

    /// <summary>Whether closing moves the log into the file and deletes it: not before the file is known to be sound.</summary>
    public void CheckpointOnClose(bool on) => Check(SqliteApi.Configure(_handle, SqliteApi.ConfigNoCheckpointOnClose, on ? 0 : 1));

    public void Execute(string sql) => Check(SqliteApi.sqlite3_exec(_handle, sql, 0, 0, 0));

    /// <summary>Ends a transaction that may have ended by itself.</summary>
    public void TryRollback() => _ = SqliteApi.sqlite3_exec(_handle, "ROLLBACK", 0, 0, 0);

    public nint Prepare(string sql)
    {
        Check(SqliteApi.sqlite3_prepare_v2(_handle, sql, -1, out var statement, 0));
        return statement;
    }

    /// <summary>How long the log is by now.</summary>
    public long LogSize()
    {
        long size = 0;
        var file = Log();
        if (file is null || *file == 0) { return 0; }

        Check(((delegate* unmanaged[Cdecl]<nint*, long*, int>)Method(file, FileSizeSlot))(file, &size));
        return size;
    }

    /// <summary>
    /// Moves the log into the file and empties it, durably: whatever a later crash leaves in the log was then written after this,
    /// which is what lets <see cref="Files.WriteAheadLog"/> tell damage from an interrupted write.
    /// </summary>
    public void Checkpoint()
    {
        Check(SqliteApi.sqlite3_wal_checkpoint_v2(_handle, null, SqliteApi.CheckpointTruncate, out _, out _));
        var file = Log();
        if (file is null || *file == 0) { return; }
        Check(((delegate* unmanaged[Cdecl]<nint*, int, int>)Method(file, SyncSlot))(file, SqliteApi.SyncNormal));
    }

    /// <summary>The database as the bytes of a file.</summary>
    public byte[] Serialize()
    {
        long size;
        var start = SqliteApi.sqlite3_serialize(_handle, "main", &size, 0);
        if (start is null) { throw new InsufficientMemoryException("SQLite could not get the memory for a new store."); }
        try { return new ReadOnlySpan<byte>(start, checked((int)size)).ToArray(); }
        finally { SqliteApi.sqlite3_free(start); }
    }

    public void Check(int result)
    {
        if (result is SqliteApi.Ok) { return; }

        var detail = _handle == 0 ? null : Marshal.PtrToStringUTF8(SqliteApi.sqlite3_errmsg(_handle));
        var code = result is SqliteApi.IoErrorShortRead ? StoreError.Corrupt : (result & 0xFF) switch
        {
            SqliteApi.Busy or SqliteApi.Locked => StoreError.Locked,
            // Our statements are fixed: one that does not fit the schema means that the schema is not ours any more.
            SqliteApi.Error or SqliteApi.Corrupt or SqliteApi.NotADatabase => StoreError.Corrupt,
            SqliteApi.Full => StoreError.Full,
            _ => StoreError.Io,
        };
        throw new StoreException(code, _path, $"SQLite {result}: {detail}");
    }

    public StoreException Damage(string detail) => new(StoreError.Corrupt, _path, detail);

    /// <summary>Closes; what could not be written then is written by the next opening, from the log.</summary>
    public void Dispose()
    {
        if (_handle != 0) { _ = SqliteApi.sqlite3_close_v2(_handle); }
        _handle = 0;
    }

    // sqlite3_file begins with a pointer to sqlite3_io_methods: iVersion, xClose, xRead, xWrite, xTruncate, xSync, xFileSize ...
    private const int SyncSlot = 5, FileSizeSlot = 6;

    private static nint Method(nint* file, int slot) => ((nint*)*file)[slot];

    private nint* Log()
    {
        nint* file = null;
        Check(SqliteApi.sqlite3_file_control(_handle, "main", SqliteApi.JournalPointer, &file));
        return file;
    }
}
