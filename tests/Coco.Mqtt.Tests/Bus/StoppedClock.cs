namespace Coco.Mqtt.Tests.Bus;

/// <summary>A clock on the wall that stands still, while timers go on: everything happens in the same millisecond.</summary>
internal sealed class StoppedClock : TimeProvider
{
    private readonly DateTimeOffset _now = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => _now;
}
