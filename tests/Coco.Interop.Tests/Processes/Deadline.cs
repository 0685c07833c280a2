using System.Diagnostics;

namespace Coco.Interop.Tests.Processes;

/// <summary>A moment by which something has to be over.</summary>
internal readonly record struct Deadline(long Timestamp)
{
    public bool IsOver => Stopwatch.GetTimestamp() >= Timestamp;

    public static Deadline In(TimeSpan time) => new(Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));
}
