using System.Diagnostics;

namespace Coco.Cli.Tests;

/// <summary>A file system of a few megabytes, in memory.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    private string Ballast => Path.Combine(_folder, "ballast");

    public static SmallDisk? TryMount(string folder) => Run("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", folder) ? new(folder) : null;

    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true) { file.Write(block); }
        }
        catch (IOException)
        {
            // Now it is full.
        }
    }

    public void Empty() => File.Delete(Ballast);

    public void Dispose() => Run("umount", "--lazy", _folder);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        return process.WaitForExit(TimeSpan.FromSeconds(10)) && process.ExitCode == 0;
    }
}
