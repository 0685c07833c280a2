using Coco.Crypto.KeyFiles;
using Microsoft.Win32.SafeHandles;

namespace Coco.Storage.Files;

/// <summary>
/// A store's file as long as the store is open: found to be ours without SQLite, and locked against other stores. Nothing is
/// written here but a whole new file.
/// </summary>
internal sealed class StoreFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly SafeFileHandle _lock;
    private readonly bool _hadLog;

    private StoreFile(string path, SafeFileHandle handle) => (Path, _lock, _hadLog) = (path, handle, File.Exists(LogOf(path)));

    public string Path { get; }

    /// <summary>Makes the file, readable by the owner only, as a whole or not at all; never replaces one.</summary>
    public static void Create(string path, ReadOnlySpan<byte> content)
    {
        // SQLite would take the log of a store whose file is gone for the new store's.
        if (new FileInfo(LogOf(path)) is { Exists: true, Length: > 0 })
        {
            throw new StoreException(StoreError.Corrupt, path, "its -wal file is there and the file itself is not");
        }
        try { OwnerOnlyFile.Write(path, content, overwrite: false); }
        catch (KeyFileException e) { throw new StoreException(CodeOf(e.Code), path, inner: e); }
    }

    /// <summary>Null where there is no file.</summary>
    public static StoreFile? TryOpen(string path)
    {
        SafeFileHandle handle;
        try
        {
            // Refuses folders, pipes and devices without waiting for them.
            OwnerOnlyFile.Open(path).Dispose();
            // On Unix, sharing with nobody is flock: held by this handle, so also against other stores of this process, which SQLite's
            // own record locks are not once somebody else in the process has opened and closed the file. It dies with the process.
            var share = OperatingSystem.IsWindows() ? FileShare.ReadWrite : FileShare.None;
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, share);
        }
        catch (KeyFileException e) when (e.Code is KeyFileError.NotFound) { return null; }
        catch (KeyFileException e) { throw new StoreException(CodeOf(e.Code), path, inner: e); }
        catch (FileNotFoundException) { return null; }
        catch (UnauthorizedAccessException e) { throw new StoreException(StoreError.Io, path, e.Message, e); }
        catch (IOException e)
        {
            throw new StoreException(IsSharingViolation(e) ? StoreError.Locked : StoreError.Io, path, e.Message, e);
        }

        try
        {
            var file = new StoreFile(path, handle);
            file.CheckHeader();
            file.CheckLog();
            return file;
        }
        catch (IOException e)
        {
            handle.Dispose();
            throw new StoreException(StoreError.Io, path, e.Message, e);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>A file restored from a backup may be open to others, and its log takes its permissions.</summary>
    public void RestrictToOwner()
    {
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(_lock) & ~OwnerOnly) == UnixFileMode.None) { return; }

        try { File.SetUnixFileMode(_lock, OwnerOnly); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return; } // another's file: sealed all the same
    }

    /// <summary>Takes away the empty log that SQLite makes when it looks at a file, so that a refused file stands as it stood.</summary>
    public void RemoveEmptyLog()
    {
        if (_hadLog) { return; }

        var log = new FileInfo(LogOf(Path));
        try
        {
            if (log.Exists && log.Length == 0) { log.Delete(); }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return; } // it is empty
    }

    public void Dispose() => _lock.Dispose();

    private static string LogOf(string path) => path + "-wal";

    private void CheckHeader()
    {
        Span<byte> header = stackalloc byte[StoreHeader.Size];
        var length = 0;
        int read;
        while (length < header.Length && (read = RandomAccess.Read(_lock, header[length..], length)) > 0) { length += read; }
        var size = RandomAccess.GetLength(_lock);
        if (StoreHeader.Check(header[..length], size) is { } error) { throw new StoreException(error, Path); }

        // SQLite takes half a page for a whole one. A crash leaves one only together with the log it was written from.
        if (size % StoreHeader.PageSize != 0 && new FileInfo(LogOf(Path)) is not { Exists: true, Length: > 0 })
        {
            throw new StoreException(StoreError.Corrupt, Path, "it ends within a page");
        }
    }

    private void CheckLog()
    {
        // We never make one, and SQLite would play it back into the file.
        if (File.Exists(Path + "-journal")) { throw new StoreException(StoreError.Corrupt, Path, "a -journal file lies beside it"); }
        if (!_hadLog) { return; }

        using var log = new FileStream(LogOf(Path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 64 * 1024);
        if (WriteAheadLog.IsDamaged(log)) { throw new StoreException(StoreError.Corrupt, Path, "its log has lost commits"); }
    }

    // EWOULDBLOCK, which .NET gives as the error of a lock that is taken: 11 on Linux, 35 on macOS.
    private static bool IsSharingViolation(IOException e) => !OperatingSystem.IsWindows() && e.HResult is (11 or 35);

    private static StoreError CodeOf(KeyFileError code) => code switch
    {
        KeyFileError.NotFound => StoreError.NotFound,
        KeyFileError.AlreadyExists => StoreError.AlreadyExists,
        KeyFileError.NotRegularFile => StoreError.Foreign,
        _ => StoreError.Io,
    };
}
