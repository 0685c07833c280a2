using System.Diagnostics;
using System.Globalization;
using Coco.Benchmarks.Throughput;

namespace Coco.Benchmarks.Latency;

/// <summary>What round trips took, in microseconds.</summary>
internal sealed record EchoTimes(double P50, double P99)
{
    /// <summary>Round trips before the first that counts: code is compiled and caches are filled by then.</summary>
    public const int WarmUp = 1000;

    /// <summary>The line by which an end of a measurement tells its times, which it sorts.</summary>
    public static string Line(double[] times)
    {
        Array.Sort(times);
        return string.Create(CultureInfo.InvariantCulture, $"echoed p50={times[times.Length / 2]:F1} p99={times[times.Length * 99L / 100]:F1}");
    }

    public static EchoTimes Parse(string line) => new(ThroughputResult.Figure(line, "p50"), ThroughputResult.Figure(line, "p99"));

    /// <summary>Measures round trips one after the other.</summary>
    public static double[] Measure(int count, Action roundTrip)
    {
        var times = new double[count];
        for (var i = -Math.Min(count, WarmUp); i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            roundTrip();
            if (i >= 0) { times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds; }
        }
        return times;
    }
}
