using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coco.Cli.Backups;

/// <summary>Reads a file that another process has locked: .NET asks for a lock of its own whenever it opens one, and the daemon does not share its stores.</summary>
internal static partial class LockedFile
{
    private const int ReadOnly = 0; // O_RDONLY, on every system

    public static FileStream Open(string path)
    {
        if (OperatingSystem.IsWindows()) { return new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete); }
        var handle = open(path, ReadOnly);
        if (handle < 0) { throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message); }
        return new(new SafeFileHandle(handle, ownsHandle: true), FileAccess.Read);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags);
}
