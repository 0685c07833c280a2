using System.Data;
using System.Data.Common;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Coco.ControlPlane.Storage;

/// <summary>One file of SQLite, for one instance. There is one writer at a time; readers do not wait for it (write-ahead log).</summary>
internal sealed class SqliteDatabase(string path, ILogger logger) : Database(logger)
{
    private const int Busy = 5;
    private const int DuplicateKey = 1555; // SQLITE_CONSTRAINT_PRIMARYKEY
    private const int Duplicate = 2067; // SQLITE_CONSTRAINT_UNIQUE
    private const int Full = 13;
    private const int SharedMemorySize = 4874; // SQLITE_IOERR_SHMSIZE: the index of the write-ahead log cannot grow

    private readonly SemaphoreSlim _writing = new(1);
    private readonly string _connectionString =
        new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = true, DefaultTimeout = 30 }.ToString();

    private FileStream? _lock;

    static SqliteDatabase()
    {
        // The system's library: the one in packages is of 2021 (docs of Coco.Storage say more).
        NativeLibrary.SetDllImportResolver(
            typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly,
            static (name, assembly, search) => name == "e_sqlite3" && NativeLibrary.TryLoad("libsqlite3.so.0", assembly, search, out var handle) ? handle : 0);
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
    }

    public override DatabaseKind Kind => DatabaseKind.Sqlite;

    public override ValueTask DisposeAsync()
    {
        using (var connection = new SqliteConnection(_connectionString)) { SqliteConnection.ClearPool(connection); }
        _lock?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async Task StartAsync(DatabaseUse use, CancellationToken cancellationToken)
    {
        if (use is DatabaseUse.Tool && !File.Exists(path)) { throw new StorageException($"There is no {path}. Start an instance first, or name its DataDirectory.", isFull: false); }
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            // SQLite would let a second instance in, whose notices and rates nobody here hears of.
            if (use is not DatabaseUse.Tool) { _lock = new(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
        }
        catch (IOException exception)
        {
            throw new StorageException($"{path} is in use by another instance. More than one instance need PostgreSQL.", isFull: false, exception);
        }
        if (!OperatingSystem.IsWindows() && !File.Exists(path))
        {
            new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }).Dispose();
        }
        await using (var connection = await ConnectAsync(cancellationToken))
        {
            // FULL: what was acknowledged outlives a power cut.
            await Run(connection, "PRAGMA journal_mode = WAL", cancellationToken);
        }
        await PrepareAsync(use, cancellationToken);
    }

    public override async Task<T> ReadSnapshotAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        await using var transaction = ((SqliteConnection)connection).BeginTransaction(IsolationLevel.Serializable, deferred: true);
        return await work(new(connection, transaction, cancellationToken));
    }

    protected override async Task<DbConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);
        await Run(connection, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON", cancellationToken);
        return connection;
    }

    protected override async Task<T> WriteOnceAsync<T>(Func<Session, Task<T>> work, int? lane, CancellationToken cancellationToken)
    {
        T result;
        Session session;
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await using var connection = await ConnectAsync(cancellationToken);
            // Not deferred: whoever reads first would fail where it writes after another process (a backup, an operator's tool).
            await Run(connection, "BEGIN IMMEDIATE", cancellationToken);
            try
            {
                session = new(connection, transaction: null, cancellationToken, isWriting: true);
                result = await work(session);
                await session.FlushAsync();
                await Run(connection, "COMMIT", CancellationToken.None);
            }
            catch
            {
                await RollBackAsync(connection);
                throw;
            }
        }
        finally
        {
            _writing.Release();
        }
        foreach (var (channel, payload) in session.Notices) { Deliver(channel, payload); }
        return result;
    }

    protected override bool IsConflict(DbException exception) => exception is SqliteException { SqliteErrorCode: Busy };

    // "UNIQUE constraint failed: idempotency_keys.caller, idempotency_keys.key"
    public override bool IsDuplicate(DbException exception, string table) =>
        exception is SqliteException { SqliteExtendedErrorCode: DuplicateKey or Duplicate } && exception.Message.Contains($" {table}.", StringComparison.Ordinal);

    protected override bool IsFull(DbException exception) => exception is SqliteException { SqliteErrorCode: Full } or SqliteException { SqliteExtendedErrorCode: SharedMemorySize };

    // Some failures, a full disk among them, have rolled back already; what is to be told is those, not that there is nothing left to roll back.
    private static async Task RollBackAsync(DbConnection connection)
    {
        try
        {
            await Run(connection, "ROLLBACK", CancellationToken.None);
        }
        catch (SqliteException)
        {
        }
    }

    private static async Task Run(DbConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // texts of this file
        command.CommandText = text;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
