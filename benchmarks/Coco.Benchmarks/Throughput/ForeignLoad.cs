using System.Diagnostics;
using System.Globalization;

namespace Coco.Benchmarks.Throughput;

/// <summary>
/// How much of one core other work (and the hypervisor) took meanwhile: what /proc/stat counts as busy, less what we know to be
/// ours. A round much above 0.2 says little about wall time; ratios per core still hold.
/// </summary>
internal sealed class ForeignLoad
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly double _busy = BusySeconds();
    private readonly double _own = OwnSeconds();

    /// <summary>The share, given what processes we started used in the same time.</summary>
    public double Since(double childrenSeconds) =>
        Math.Max(0, (BusySeconds() - _busy - (OwnSeconds() - _own) - childrenSeconds) / Stopwatch.GetElapsedTime(_start).TotalSeconds);

    private static double OwnSeconds() => Environment.CpuUsage.TotalTime.TotalSeconds;

    // proc(5): cpu user nice system idle iowait irq softirq steal, in steps of 10 ms
    private static double BusySeconds()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9];
        return fields.Select((field, i) => i is 3 or 4 ? 0 : double.Parse(field, CultureInfo.InvariantCulture)).Sum() / 100;
    }
}
