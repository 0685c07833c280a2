using System.Diagnostics;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>A disk of its own, of a few megabytes in memory, that can be filled to the last byte.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    private string Ballast => Path.Combine(Folder, "ballast");

    /// <summary>Mounts one in a folder that is made; skips the test where that may not be.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="options">Its size and mode, as mount has them.</param>
    public static SmallDisk Mount(string folder, string options)
    {
        Directory.CreateDirectory(folder);
        Assert.SkipUnless(Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder), "NOT TESTED: a disk that is full; mounting one takes root");
        return new(folder);
    }

    /// <summary>Leaves no room.</summary>
    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) { file.Write(new byte[4096]); }
        }
        catch (IOException)
        {
            // Now it is full.
        }
    }

    /// <summary>Gives back what <see cref="Fill"/> took.</summary>
    public void Free() => File.Delete(Ballast);

    public void Dispose() => Run("umount", "--lazy", Folder);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        return process.WaitForExit(TimeSpan.FromSeconds(10)) && process.ExitCode == 0;
    }
}
