using Coco.Mqtt.Hosting;

namespace Coco.Mqtt.Tests.Hosting;

public sealed class EdgeLoopTests
{
    [Fact]
    public async Task A_turn_ends_when_it_has_changed_enough()
    {
        var (changes, turns) = (0, new List<int>());
        await using var loop = new EdgeLoop(TimeProvider.System, EndTurn, () => changes >= 3, static exception => Assert.Fail(exception.Message));
        using var begin = new ManualResetEventSlim();
        loop.Post(_ => begin.Wait()); // the first turn waits, so that all that follows is there at once
        for (var count = 0; count < 8; count++) { loop.Post(_ => changes++); }
        var done = loop.RunAsync(static _ => { });
        begin.Set();

        Assert.True(await done);
        await loop.RunAsync(static _ => { });
        Assert.Equal([3, 3, 2], turns.Where(static count => count > 0));

        TimeSpan EndTurn(TimeSpan now)
        {
            turns.Add(changes);
            changes = 0;
            return TimeSpan.MaxValue;
        }
    }
}
