using System.Reflection;
using System.Runtime.InteropServices;

namespace Coco.Storage.Sqlite;

/// <summary>Finds the system's SQLite under the names systems give it; packages without "-dev" ship only the versioned name.</summary>
internal static class SqliteLibrary
{
    public const string Name = "sqlite3";

    // 3.36 is the first that has sqlite3_serialize without a build option.
    private const int OldestVersion = 3_036_000;

    private static readonly string[] Names =
    [
        "libsqlite3.so.0", "libsqlite3.so",
        "/opt/homebrew/opt/sqlite/lib/libsqlite3.dylib", "/usr/local/opt/sqlite/lib/libsqlite3.dylib", "libsqlite3.dylib",
        "sqlite3.dll", "winsqlite3.dll",
    ];

    private static readonly string? Failure = Start();

    /// <summary>Throws, naming the cure, when the library is missing or too old.</summary>
    public static void Require()
    {
        if (Failure is not null) { throw new DllNotFoundException(Failure); }
    }

    private static string? Start()
    {
        NativeLibrary.SetDllImportResolver(typeof(SqliteLibrary).Assembly, Resolve);
        if (Resolve(Name, typeof(SqliteLibrary).Assembly, null) == 0)
        {
            return "SQLite was not found. Install it: `apt-get install libsqlite3-0` (Debian, Ubuntu), `dnf install sqlite-libs` "
                + "(Fedora), `brew install sqlite` (macOS), or put sqlite3.dll beside the program (Windows).";
        }
        return SqliteApi.sqlite3_libversion_number() >= OldestVersion
            ? null
            : "The system's SQLite is older than 3.36. Update the system or the package (Debian: libsqlite3-0).";
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        foreach (var candidate in name == Name ? Names : [])
        {
            if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle)) { return handle; }
        }
        return 0;
    }
}
