namespace Coco.ControlPlane.Tests;

/// <summary>A clock on the wall that a test moves. Timers run by the machine's.</summary>
internal sealed class TestTime : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero).Ticks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    /// <summary>For tests with a program that goes by the clock of the machine.</summary>
    public void SetToNow() => Interlocked.Exchange(ref _ticks, System.GetUtcNow().Ticks);
}
