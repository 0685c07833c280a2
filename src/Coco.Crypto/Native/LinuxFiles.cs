using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Coco.Crypto.Native;

/// <summary>
/// What the platform's file classes cannot do on Linux: open without waiting, ask a handle who owns it, sync a folder.
/// </summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LinuxFiles
{
    public const int NotFound = 2;  // ENOENT
    public const int Exists = 17;   // EEXIST

    private const int NonBlock = 0x800, CloseOnExec = 0x8_0000; // O_NONBLOCK, O_CLOEXEC: the same on x86 and Arm
    private const int EmptyPath = 0x1000;                       // AT_EMPTY_PATH: the handle itself
    private const uint TypeModeAndOwner = 0x1 | 0x2 | 0x8;      // STATX_TYPE | STATX_MODE | STATX_UID
    private const int StatxSize = 256, OwnerAt = 20, ModeAt = 28;

    /// <summary>
    /// Opens for reading; a pipe without a writer opens too instead of waiting for one. Null, and the errno, on failure.
    /// </summary>
    public static SafeFileHandle? TryOpen(string path, out int error)
    {
        var handle = open(path, NonBlock | CloseOnExec);
        error = handle < 0 ? Marshal.GetLastPInvokeError() : 0;
        return handle < 0 ? null : new SafeFileHandle(handle, ownsHandle: true);
    }

    /// <summary>
    /// The type, permissions and owner of what was opened, not of what bears its name by now. False where statx is missing.
    /// </summary>
    public static bool TryGetStatus(SafeFileHandle file, out uint mode, out uint owner)
    {
        // struct statx has one layout on all architectures, which struct stat has not.
        var status = stackalloc byte[StatxSize];
        var done = statx(file, "", EmptyPath, TypeModeAndOwner, status) == 0;
        mode = *(ushort*)(status + ModeAt);
        owner = *(uint*)(status + OwnerAt);
        return done;
    }

    /// <summary>Gives a file a second name, atomically and never replacing what has that name. 0, or the errno.</summary>
    public static int Link(string existing, string added) => link(existing, added) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Makes the names in a folder survive a crash.</summary>
    public static bool TrySyncFolder(string path)
    {
        using var folder = TryOpen(path, out _);
        return folder is not null && fsync(folder) == 0;
    }

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int link(string existing, string added);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int statx(SafeFileHandle folder, string path, int flags, uint mask, byte* status);
}
