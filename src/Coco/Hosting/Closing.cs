namespace Coco.Hosting;

/// <summary>Ends of many at once: each may take seconds, where its peer has no room for another stream.</summary>
internal static class Closing
{
    // Chosen: a thousand that take 2 s each are closed within about half a minute, which is how often it is looked for idle ones.
    internal const int AtOnce = 64;

    /// <summary>Closes all, so many at a time, in any order.</summary>
    public static Task AllAsync(IEnumerable<IAsyncDisposable> all) =>
        Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, static (one, _) => one.DisposeAsync());
}
