using Coco.Crypto.Native;
using Microsoft.Win32.SafeHandles;

namespace Coco.Crypto.KeyFiles;

/// <summary>
/// Small files only their owner may read: written as a whole or not at all, and judged by what was opened, not by its name.
/// </summary>
internal static class OwnerOnlyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = ~(OwnerOnly | UnixFileMode.UserExecute);
    private const uint TypeMask = 0xF000, RegularFile = 0x8000; // S_IFMT, S_IFREG

    /// <summary>
    /// Creates the file with its permissions, never widening them later. After a crash there is the old file, the new one, or
    /// none, and perhaps a leftover whose name ends in ".tmp".
    /// </summary>
    public static void Write(string path, ReadOnlySpan<byte> content, bool overwrite)
    {
        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full);
        if (folder is null) { throw new KeyFileException(KeyFileError.NotRegularFile, path); }

        var temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            WriteNew(temporary, content);
            Publish(temporary, full, overwrite);
            if (OperatingSystem.IsLinux()) { LinuxFiles.TrySyncFolder(folder); }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var code = !overwrite && Path.Exists(full) ? KeyFileError.AlreadyExists : KeyFileError.Inaccessible;
            throw new KeyFileException(code, path, e);
        }
        finally
        {
            TryDelete(temporary);
        }
    }

    /// <summary>Opens a regular file; what else bears the name is refused without waiting for it or reading from it.</summary>
    public static SafeFileHandle Open(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            var file = LinuxFiles.TryOpen(path, out var error)
                ?? throw new KeyFileException(
                    error == LinuxFiles.NotFound ? KeyFileError.NotFound : KeyFileError.Inaccessible, path);
            if (!LinuxFiles.TryGetStatus(file, out var mode, out _) || (mode & TypeMask) == RegularFile) { return file; }

            file.Dispose();
            throw new KeyFileException(KeyFileError.NotRegularFile, path);
        }
        if (Directory.Exists(path)) { throw new KeyFileException(KeyFileError.NotRegularFile, path); }

        try { return File.OpenHandle(path); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new KeyFileException(KeyFileError.NotFound, path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException(KeyFileError.Inaccessible, path, e);
        }
    }

    /// <summary>Throws if others than this process's user may read or write the file, where the system can say so.</summary>
    public static void RequireOwnerOnly(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsWindows()) { return; } // inherits the folder's access list; a user's profile is private by default
        if ((File.GetUnixFileMode(file) & Others) != UnixFileMode.None)
        {
            throw new KeyFileException(KeyFileError.TooPermissive, path);
        }
        if (OperatingSystem.IsLinux() && LinuxFiles.TryGetStatus(file, out _, out var owner) && owner != LinuxFiles.geteuid())
        {
            throw new KeyFileException(KeyFileError.NotOwned, path);
        }
    }

    private static void WriteNew(string path, ReadOnlySpan<byte> content)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = OwnerOnly; }

        using var stream = new FileStream(path, options);
        stream.Write(content);
        stream.Flush(flushToDisk: true); // before it gets its name: a name must never lead to an empty file
    }

    private static void Publish(string temporary, string path, bool overwrite)
    {
        if (overwrite || !OperatingSystem.IsLinux())
        {
            File.Move(temporary, path, overwrite);
            return;
        }
        // File.Move looks first and renames after, so of two processes that create the same file one would silently lose its key.
        var error = LinuxFiles.Link(temporary, path);
        if (error == LinuxFiles.Exists) { throw new KeyFileException(KeyFileError.AlreadyExists, path); }
        if (error != 0) { File.Move(temporary, path, overwrite: false); } // a file system without hard links
    }

    private static void TryDelete(string path)
    {
        try { File.Delete(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return; } // private, encrypted or not: 0600
    }
}
