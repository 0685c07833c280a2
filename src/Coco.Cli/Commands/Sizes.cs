using System.Globalization;

namespace Coco.Cli.Commands;

/// <summary>Bytes as people read them, by the thousand.</summary>
internal static class Sizes
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    public static string Of(long bytes)
    {
        var (size, unit) = ((double)bytes, 0);
        for (; size >= 1000 && unit < Units.Length - 1; unit++) { size /= 1000; }
        return $"{size.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {Units[unit]}";
    }
}
