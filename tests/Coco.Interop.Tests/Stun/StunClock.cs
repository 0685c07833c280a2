using System.Diagnostics;

namespace Coco.Interop.Tests.Stun;

/// <summary>Time for cores: since the test process started.</summary>
internal static class StunClock
{
    private static readonly long Start = Stopwatch.GetTimestamp();

    public static TimeSpan Now => Stopwatch.GetElapsedTime(Start);
}
