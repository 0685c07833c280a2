using Coco.Lab;

namespace Coco.Scenarios.Tests.Kernel;

internal static class OwnThreads
{
    /// <summary>
    /// Fails when threads of this process stay in one of the namespaces. One that visited may still be ending when its visit is over;
    /// one of the runtime's, started from inside by mistake, would stay for ever.
    /// </summary>
    public static async Task AssertNoneStaysAsync(IEnumerable<NetNamespace> spaces)
    {
        var ids = spaces.Select(space => space.Id).ToHashSet(StringComparer.Ordinal);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var inside = Inside(ids);
        for (var i = 0; i < 250 && inside.Length > 0; i++)
        {
            await pulse.WaitForNextTickAsync();
            inside = Inside(ids);
        }

        Assert.Empty(inside.Select(NameOf));
    }

    private static string[] Inside(HashSet<string> ids) =>
        [.. Directory.GetDirectories("/proc/self/task").Where(task => LinkOf($"{task}/ns/net") is { } link && ids.Contains(link))];

    // A thread ends while it is looked at.
    private static string? LinkOf(string path)
    {
        try { return new FileInfo(path).LinkTarget; }
        catch (IOException) { return null; }
    }

    private static string NameOf(string task)
    {
        try { return File.ReadAllText($"{task}/comm").TrimEnd(); }
        catch (IOException) { return "ended"; }
    }
}
