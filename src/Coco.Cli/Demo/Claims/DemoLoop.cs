using System.Diagnostics;

namespace Coco.Cli.Demo.Claims;

/// <summary>Drives nodes in turn on one thread until something holds, never for ever.</summary>
internal static class DemoLoop
{
    /// <summary>Chosen: far above what any step takes, on a busy machine too, and short enough that a failed demo still ends.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // Chosen: empties a socket buffer of 8 MiB, so that its size does not decide what arrives.
    private const int MaxPolls = 32;

    /// <summary>Runs until <paramref name="done"/>; fails with <paramref name="what"/> when that takes too long.</summary>
    public static TimeSpan Until(string what, Func<bool> done, params ReadOnlySpan<DemoNode> nodes)
    {
        var start = Stopwatch.GetTimestamp();
        while (!done())
        {
            Turn(nodes);
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                throw new DemoFailedException($"{what}, within {Limit.TotalSeconds:0} seconds");
            }
        }
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Runs for a time, whatever happens.</summary>
    public static void For(TimeSpan time, params ReadOnlySpan<DemoNode> nodes)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time) { Turn(nodes); }
    }

    private static void Turn(ReadOnlySpan<DemoNode> nodes)
    {
        foreach (var node in nodes)
        {
            // On one thread nobody empties the buffer while the other node sends: a turn takes all that came.
            for (var i = 0; i < MaxPolls; i++)
            {
                var heard = node.Host.DatagramsReceived;
                node.Host.Poll(i == 0 ? TimeSpan.FromMicroseconds(50) : TimeSpan.Zero);
                if (node.Host.DatagramsReceived == heard) { break; }
            }
        }
    }
}
