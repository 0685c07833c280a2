using System.Diagnostics;

namespace Coco.Benchmarks.Control;

/// <summary>What so many callers at once got done in a while.</summary>
/// <param name="Count">How often it was done in all.</param>
/// <param name="PerSecond">How often it was done in a second.</param>
/// <param name="P50">Milliseconds that half of them stayed below.</param>
/// <param name="P99">Milliseconds that 99 of 100 stayed below.</param>
/// <param name="RefusedPercent">How many of 100 were refused because too many were under way.</param>
internal sealed record Load(int Count, double PerSecond, double P50, double P99, double RefusedPercent)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // of what is under way when the time is over

    /// <summary>Does something again and again, as often at once as asked for. The first that fails ends it all, but not one that is refused.</summary>
    /// <param name="concurrency">How many at once.</param>
    /// <param name="time">How long.</param>
    /// <param name="once">What is done; given a number that is never given twice. False when it was refused.</param>
    public static async Task<Load> RunAsync(int concurrency, TimeSpan time, Func<int, CancellationToken, Task<bool>> once)
    {
        var next = -1;
        var refused = 0;
        using var patience = new CancellationTokenSource(time + Patience);
        var start = Stopwatch.GetTimestamp();
        var took = await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(WorkAsync)));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var sorted = took.SelectMany(static some => some).Order().ToArray();
        if (sorted.Length == 0) { throw new InvalidOperationException($"all of {refused} were refused"); }
        return new(sorted.Length, sorted.Length / seconds, sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100], 100.0 * refused / (refused + sorted.Length));

        async Task<List<double>> WorkAsync()
        {
            var milliseconds = new List<double>();
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                var began = Stopwatch.GetTimestamp();
                if (await once(Interlocked.Increment(ref next), patience.Token)) { milliseconds.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds); }
                else { Interlocked.Increment(ref refused); }
            }
            return milliseconds;
        }
    }
}
