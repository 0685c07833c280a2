using System.Runtime.InteropServices;

namespace Coco.Storage.Tests.Faults;

/// <summary>SQLite's interface to file systems (https://sqlite.org/vfs.html), as far as a file system around another needs it.</summary>
internal static unsafe partial class FileSystemApi
{
    public const int Ok = 0, Full = 13, CannotOpen = 14;
    public const int ReadFailed = 10 | (1 << 8), WriteFailed = 10 | (3 << 8), SyncFailed = 10 | (4 << 8), TruncateFailed = 10 | (6 << 8);
    public const int DeleteFailed = 10 | (10 << 8);

    static FileSystemApi()
    {
        Coco.Storage.Sqlite.SqliteLibrary.Require();
        NativeLibrary.SetDllImportResolver(typeof(FileSystemApi).Assembly, static (name, _, _) =>
            name == "sqlite3" && NativeLibrary.TryLoad("libsqlite3.so.0", out var handle) ? handle : 0);
    }

    [LibraryImport("sqlite3", StringMarshalling = StringMarshalling.Utf8)]
    public static partial FileSystem* sqlite3_vfs_find(string? name);

    [LibraryImport("sqlite3")]
    public static partial int sqlite3_vfs_register(FileSystem* vfs, int makeDefault);

    [LibraryImport("sqlite3")]
    public static partial int sqlite3_vfs_unregister(FileSystem* vfs);

    /// <summary>sqlite3_vfs.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FileSystem
    {
        public int Version, FileSize, MaxPath;
        public FileSystem* Next;
        public byte* Name;
        public nint AppData;
        public delegate* unmanaged[Cdecl]<FileSystem*, byte*, OpenFile*, int, int*, int> Open;
        public delegate* unmanaged[Cdecl]<FileSystem*, byte*, int, int> Delete;
        public nint Access, FullPath, DlOpen, DlError, DlSym, DlClose, Randomness, Sleep, CurrentTime, LastError;
        public nint CurrentTime64, SetSystemCall, GetSystemCall, NextSystemCall;
    }

    /// <summary>sqlite3_file with what we keep behind it; the wrapped file system's own follows.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct OpenFile
    {
        public Methods* Methods;
        public long Id;
    }

    /// <summary>sqlite3_io_methods, version 1: no shared memory, which exclusive locking does without.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Methods
    {
        public int Version;
        public delegate* unmanaged[Cdecl]<OpenFile*, int> Close;
        public delegate* unmanaged[Cdecl]<OpenFile*, byte*, int, long, int> Read;
        public delegate* unmanaged[Cdecl]<OpenFile*, byte*, int, long, int> Write;
        public delegate* unmanaged[Cdecl]<OpenFile*, long, int> Truncate;
        public delegate* unmanaged[Cdecl]<OpenFile*, int, int> Sync;
        public delegate* unmanaged[Cdecl]<OpenFile*, long*, int> FileSize;
        public delegate* unmanaged[Cdecl]<OpenFile*, int, int> Lock;
        public delegate* unmanaged[Cdecl]<OpenFile*, int, int> Unlock;
        public delegate* unmanaged[Cdecl]<OpenFile*, int*, int> CheckLock;
        public delegate* unmanaged[Cdecl]<OpenFile*, int, void*, int> Control;
        public delegate* unmanaged[Cdecl]<OpenFile*, int> SectorSize;
        public delegate* unmanaged[Cdecl]<OpenFile*, int> Characteristics;
    }
}
