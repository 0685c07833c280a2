using System.Runtime.InteropServices;

namespace Coco.Storage.Sqlite;

/// <summary>The functions used from SQLite. <see cref="SqliteLibrary.Require"/> comes before the first of them.</summary>
internal static unsafe partial class SqliteApi
{
    // https://sqlite.org/rescode.html
    public const int Ok = 0, Error = 1, Busy = 5, Locked = 6, IoError = 10, Corrupt = 11, Full = 13, NotADatabase = 26;
    public const int Row = 100, Done = 101;
    public const int IoErrorShortRead = IoError | (2 << 8);

    public const int OpenReadWrite = 0x2, OpenCreate = 0x4, OpenMemory = 0x80, OpenNoMutex = 0x8000;
    public const int ConfigLookaside = 1001, ConfigNoCheckpointOnClose = 1006, ConfigDefensive = 1010, ConfigTrustedSchema = 1017;
    public const int JournalPointer = 28;       // SQLITE_FCNTL_JOURNAL_POINTER
    public const int CheckpointTruncate = 3;    // SQLITE_CHECKPOINT_TRUNCATE
    public const int SyncNormal = 2;            // SQLITE_SYNC_NORMAL
    public const int TypeBlob = 4;              // SQLITE_BLOB
    public static readonly nint Transient = -1; // SQLITE_TRANSIENT: SQLite copies what is bound

    private const string Library = SqliteLibrary.Name;

    [LibraryImport(Library)]
    public static partial int sqlite3_libversion_number();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sqlite3_open_v2(string path, out nint database, int flags, string? vfs);

    [LibraryImport(Library)]
    public static partial int sqlite3_close_v2(nint database);

    [LibraryImport(Library)]
    public static partial int sqlite3_extended_result_codes(nint database, int on);

    [LibraryImport(Library)]
    public static partial nint sqlite3_errmsg(nint database);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sqlite3_exec(nint database, string sql, nint callback, nint argument, nint error);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sqlite3_prepare_v2(nint database, string sql, int length, out nint statement, nint tail);

    [LibraryImport(Library)]
    public static partial int sqlite3_step(nint statement);

    [LibraryImport(Library)]
    public static partial int sqlite3_reset(nint statement);

    [LibraryImport(Library)]
    public static partial int sqlite3_clear_bindings(nint statement);

    [LibraryImport(Library)]
    public static partial int sqlite3_finalize(nint statement);

    [LibraryImport(Library)]
    public static partial int sqlite3_bind_int64(nint statement, int index, long value);

    [LibraryImport(Library)]
    public static partial int sqlite3_bind_blob(nint statement, int index, byte* value, int length, nint destructor);

    [LibraryImport(Library)]
    public static partial int sqlite3_column_type(nint statement, int column);

    [LibraryImport(Library)]
    public static partial long sqlite3_column_int64(nint statement, int column);

    [LibraryImport(Library)]
    public static partial byte* sqlite3_column_blob(nint statement, int column);

    [LibraryImport(Library)]
    public static partial byte* sqlite3_column_text(nint statement, int column);

    [LibraryImport(Library)]
    public static partial int sqlite3_column_bytes(nint statement, int column);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sqlite3_wal_checkpoint_v2(nint database, string? schema, int mode, out int frames, out int done);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sqlite3_file_control(nint database, string? schema, int operation, void* argument);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial byte* sqlite3_serialize(nint database, string schema, long* size, uint flags);

    [LibraryImport(Library)]
    public static partial void sqlite3_free(void* memory);

    /// <summary>sqlite3_db_config with an int and an int*, one of the two shapes its variable arguments have here.</summary>
    public static int Configure(nint database, int option, int value) => IsAppleArm
        ? ConfigureOnStack(database, option, 0, 0, 0, 0, 0, 0, value, 0)
        : ConfigureInRegisters(database, option, value, 0);

    /// <summary>sqlite3_db_config(SQLITE_DBCONFIG_LOOKASIDE, none): saves each connection about 50 KB.</summary>
    public static int ConfigureNoLookaside(nint database) => IsAppleArm
        ? ConfigureLookasideOnStack(database, ConfigLookaside, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        : ConfigureLookasideInRegisters(database, ConfigLookaside, 0, 0, 0);

    // Variable arguments travel like others, but for Apple's Arm64, where they are on the stack whatever registers are free:
    // the six zeros fill the registers.
    private static bool IsAppleArm => !OperatingSystem.IsWindows() && !OperatingSystem.IsLinux()
        && RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    [LibraryImport(Library, EntryPoint = "sqlite3_db_config")]
    private static partial int ConfigureInRegisters(nint database, int option, nint value, nint result);

    [LibraryImport(Library, EntryPoint = "sqlite3_db_config")]
    private static partial int ConfigureOnStack(
        nint database, int option, nint a, nint b, nint c, nint d, nint e, nint f, nint value, nint result);

    [LibraryImport(Library, EntryPoint = "sqlite3_db_config")]
    private static partial int ConfigureLookasideInRegisters(nint database, int option, nint buffer, nint size, nint count);

    [LibraryImport(Library, EntryPoint = "sqlite3_db_config")]
    private static partial int ConfigureLookasideOnStack(
        nint database, int option, nint a, nint b, nint c, nint d, nint e, nint f, nint buffer, nint size, nint count);
}
