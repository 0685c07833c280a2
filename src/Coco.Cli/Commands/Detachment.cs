using System.Runtime.InteropServices;

namespace Coco.Cli.Commands;

/// <summary>Leaves the terminal behind, so that closing it, or an interrupt typed there, does not end a daemon in the background.</summary>
internal static partial class Detachment
{
    /// <summary>Set in the environment of a process that is to detach.</summary>
    public const string Variable = "COCO_DETACHED";

    public static void DetachWhereAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null || OperatingSystem.IsWindows()) { return; }
        Environment.SetEnvironmentVariable(Variable, null);
        _ = setsid();
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int setsid();
}
