namespace Coco.Quic.Tests;

/// <summary>Rows for the table that <c>./test --all</c> prints.</summary>
internal static class Figures
{
    private static readonly Lock Gate = new(); // tests of several classes run at once

    public static void Add(string what, string figure)
    {
        if (Environment.GetEnvironmentVariable("COCO_FIGURES") is not { Length: > 0 } file) { return; }
        lock (Gate) { File.AppendAllText(file, $"| {what} | {figure} |\n"); }
    }
}
