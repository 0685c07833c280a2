namespace Coco.Cli;

/// <summary>What somebody may have meant who mistyped a name.</summary>
internal static class Spelling
{
    /// <summary>" Did you mean …?" with the nearest of the names, or "" where none is near.</summary>
    public static string Suggest(string typed, IEnumerable<string> names) =>
        Nearest(typed, names) is { } name ? $" Did you mean {name}?" : "";

    /// <summary>The nearest name, at most a third of the letters away.</summary>
    public static string? Nearest(string typed, IEnumerable<string> names) => names
        .Where(static name => name.Length > 0)
        .Select(name => (Name: name, Distance: Distance(typed.ToLowerInvariant(), name.ToLowerInvariant())))
        .Where(one => one.Distance <= Math.Max(1, Math.Min(3, Math.Max(typed.Length, one.Name.Length) / 3)))
        .OrderBy(static one => one.Distance)
        .ThenBy(static one => one.Name, StringComparer.Ordinal)
        .Select(static one => one.Name)
        .FirstOrDefault();

    // Edits of one letter, and neighbours that changed places (optimal string alignment): the slips of typing.
    private static int Distance(string one, string other)
    {
        var rows = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++) { rows[i, 0] = i; }
        for (var j = 0; j <= other.Length; j++) { rows[0, j] = j; }
        for (var i = 1; i <= one.Length; i++)
        {
            for (var j = 1; j <= other.Length; j++)
            {
                var isSame = one[i - 1] == other[j - 1];
                var edit = Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + (isSame ? 0 : 1));
                var isSwap = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
                rows[i, j] = isSwap ? Math.Min(edit, rows[i - 2, j - 2] + 1) : edit;
            }
        }
        return rows[one.Length, other.Length];
    }
}
