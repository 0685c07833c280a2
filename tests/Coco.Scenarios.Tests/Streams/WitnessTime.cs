using System.Diagnostics;

namespace Coco.Scenarios.Tests.Streams;

/// <summary>The system's time, which tells what a thread was told last: a node looks at the clock when it decides what is late.</summary>
internal sealed class WitnessTime : TimeProvider
{
    [ThreadStatic]
    private static long _last;

    /// <summary>Since the machine started.</summary>
    public static TimeSpan Last => Stopwatch.GetElapsedTime(0, _last);

    public override long GetTimestamp() => _last = Stopwatch.GetTimestamp();
}
