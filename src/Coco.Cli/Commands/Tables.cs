using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary>Tables without lines, which other programs can cut up.</summary>
internal static class Tables
{
    public static Table Of(params string[] columns)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        foreach (var column in columns) { table.AddColumn(new TableColumn(new Text(column)) { NoWrap = true, Padding = new(0, 0, 2, 0) }); }
        return table;
    }

    /// <summary>The beginning of a key, enough to tell it from others and to name it by.</summary>
    public static string Short(string key) => key.Length > 12 ? key[..12] : key;
}
