using System.Diagnostics;
using System.Globalization;

namespace Coco.Cli.Demo;

/// <summary>Ends and deletes what a demo has on the machine; the demo itself does so at its end.</summary>
internal static class DemoRemains
{
    public const string KeptMark = "kept";

    private const string Namespaces = "/run/netns";

    public static void Stop(TextWriter output)
    {
        var (ended, running, foreign) = (0, 0, 0);
        foreach (var name in Names())
        {
            if (IsRunning(name)) { running++; }
            else if (Remove(name)) { ended++; }
            else { foreign++; }
        }
        output.WriteLine(ended switch
        {
            0 when foreign > 0 => "Nothing was ended.",
            0 => "No demo has left anything.",
            1 => "The demo that was left is ended, and all it had is deleted.",
            _ => $"The {ended} demos that were left are ended, and all they had is deleted.",
        });
        if (foreign > 0) { output.WriteLine("Another user's demo has left something: that user, or root, can end it."); }
        if (running > 0) { output.WriteLine("A demo is under way, and ends by itself; Ctrl-C where it runs ends it now."); }
    }

    /// <summary>Ends processes, then deletes namespaces and the folder. What is gone already is no matter; false where it is another user's.</summary>
    public static bool Remove(string name)
    {
        var folder = Path.Combine(Path.GetTempPath(), name);
        var list = Path.Combine(folder, "processes");
        foreach (var line in File.Exists(list) ? File.ReadAllLines(list) : [])
        {
            if (int.TryParse(line, CultureInfo.InvariantCulture, out var id)) { End(id, folder); }
        }
        foreach (var space in SpacesOf(name)) { SystemProgram.TryRun("ip", "netns", "del", space); }
        return SpacesOf(name).Length == 0 && Delete(folder);
    }

    private static bool Delete(string folder)
    {
        // A process that was killed may have written a moment before: what it was writing can appear while the folder is deleted.
        for (var attempt = 1; Directory.Exists(folder); attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                return true;
            }
            catch (IOException) when (attempt < 5)
            {
                Thread.Sleep(50);
            }
            catch (UnauthorizedAccessException)
            {
                return false;
            }
        }
        return true;
    }

    private static string[] Names() =>
    [
        .. Directory.EnumerateDirectories(Path.GetTempPath(), DemoFolder.Prefix + "*").Select(Path.GetFileName)
            .Concat(SpacesOf(DemoFolder.Prefix.TrimEnd('-')).Select(static space => string.Join('-', space.Split('-').Take(4))))
            .OfType<string>().Where(static name => int.TryParse(ProcessOf(name), CultureInfo.InvariantCulture, out _)).Distinct(StringComparer.Ordinal),
    ];

    private static string[] SpacesOf(string name) =>
        Directory.Exists(Namespaces) ? [.. Directory.EnumerateFiles(Namespaces, name + "-*").Select(static path => Path.GetFileName(path))] : [];

    private static string ProcessOf(string name) => name.Split('-') is [_, _, var id, ..] ? id : "";

    // The number may be another process's by now, so its command has to be a demo's.
    private static bool IsRunning(string name)
    {
        var id = ProcessOf(name);
        return id != $"{Environment.ProcessId}" && !File.Exists(Path.Combine(Path.GetTempPath(), name, KeptMark))
            && ReadOf(id, "cmdline").Split('\0').Contains("demo", StringComparer.Ordinal);
    }

    // The list is a file, and numbers are used again: only what has this folder in its environment was started by this demo.
    private static void End(int id, string folder)
    {
        if (!ReadOf(id.ToString(CultureInfo.InvariantCulture), "environ").Contains(folder + "/", StringComparison.Ordinal)) { return; }
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
            process.WaitForExit(TimeSpan.FromSeconds(5));
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended, or is another user's.
        }
    }

    private static string ReadOf(string process, string what)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{what}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
