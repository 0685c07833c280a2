using System.Globalization;

namespace Coco.Benchmarks;

/// <summary>The options that people give a benchmark, as <c>--name value</c>.</summary>
internal static class BenchArguments
{
    public static bool Has(string[] args, string name) => args.Contains(name);

    public static string? Value(string[] args, string name) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    public static int Number(string[] args, string name, int otherwise) =>
        Value(args, name) is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : otherwise;
}
