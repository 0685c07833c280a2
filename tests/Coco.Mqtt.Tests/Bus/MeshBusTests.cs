using System.Runtime.CompilerServices;
using Coco.Mqtt.Bus;
using Coco.Mqtt.Packets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Mqtt.Tests.Bus;

public sealed class MeshBusTests
{
    [Fact] // the bus's own end is registered with for as long as the bus lives
    public async Task Nothing_of_a_subscription_is_held_when_it_has_ended()
    {
        await using var scene = await MeshScene.OfAsync(1);
        await using var bus = new MeshBus(scene.Nodes[0], static (_, _, _) => Task.CompletedTask, static (_, _, _) => { }, NullLogger.Instance);
        var ends = new List<WeakReference>();
        for (var i = 0; i < 20; i++) { ends.Add(await SubscribeAndEndAsync(bus, $"a/{i}")); }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (ends.Count(static one => one.IsAlive) > 1) // a frame may hold the last one
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(20, patience.Token);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> SubscribeAndEndAsync(MeshBus bus, string filter)
    {
        Assert.Equal(ReasonCode.Success, (await bus.SubscribeAsync(filter, [])).Reason);
        var end = new WeakReference(bus.EndOf(filter));
        Assert.True(end.IsAlive);
        bus.Unsubscribe(filter);
        return end;
    }
}
