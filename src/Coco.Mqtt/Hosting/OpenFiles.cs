using System.Globalization;

namespace Coco.Mqtt.Hosting;

/// <summary>How many files this process may have open, of which each connection of a program is one.</summary>
internal static class OpenFiles
{
    /// <summary>Chosen: what a process has open besides the connections of one server: libraries, stores, sockets of its own, other tunnels.</summary>
    private const int Others = 512;

    /// <summary>The limit as it is now; null where there is none, or the system does not tell. .NET has raised it as far as the process may by itself
    /// (the hard limit) before any of our code runs.</summary>
    public static long? Limit
    {
        get
        {
            try
            {
                return File.Exists(Path) ? Parse(File.ReadAllText(Path)) : null;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>How many of them one server's connections may be; null where there is no limit.</summary>
    public static int? Room => Limit is { } limit ? (int)Math.Clamp(limit - Others, 1, int.MaxValue) : null;

    private const string Path = "/proc/self/limits"; // proc(5)

    /// <summary>The soft limit of open files in a text like that of /proc/self/limits; null where it is unlimited or not there.</summary>
    internal static long? Parse(string limits)
    {
        const string Name = "Max open files ";
        var line = limits.Split('\n').FirstOrDefault(static line => line.StartsWith(Name, StringComparison.Ordinal));
        var soft = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }
}
