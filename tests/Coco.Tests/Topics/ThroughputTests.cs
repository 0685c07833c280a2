using System.Diagnostics;
using Coco.Topics;

namespace Coco.Tests.Topics;

/// <summary>Figures of topics; printed, and not judged by more than that everything arrives.</summary>
public sealed class ThroughputTests(ITestOutputHelper output)
{
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("COCO_ALL") == "1";

    [Fact]
    public async Task Figures_of_one_publisher_and_one_subscriber()
    {
        await using var scene = await TopicScene.OfAsync(2);
        await using var subscription = await scene.Nodes[1].Topics.SubscribeAsync("home/a", cancellationToken: scene.Patience);
        var count = IsFull ? 5_000_000 : 500_000;
        var warm = await RunAsync(scene, subscription, count / 5);
        var rate = await RunAsync(scene, subscription, count);
        output.WriteLine($"topics 1 to 1, 128 B: {rate:N0} messages/s ({warm:N0} warming up), {subscription.Missed} missed");
        output.WriteLine(await LatencyAsync(scene, subscription));
    }

    private static async Task<double> RunAsync(TopicScene scene, TopicSubscription subscription, int count)
    {
        var missed = subscription.Missed;
        var start = Stopwatch.GetTimestamp();
        var taking = Task.Run(async () =>
        {
            var taken = 0;
            await foreach (var message in subscription.ReadAllAsync(scene.Patience))
            {
                taken++;
                if (message.Data.Length == 1) { return taken; }
            }
            return taken;
        });
        var data = new byte[128];
        for (var i = 0; i < count; i++) { await scene.Nodes[0].Topics.PublishAsync("home/a", data, cancellationToken: scene.Patience); }
        await scene.Nodes[0].Topics.PublishAsync("home/a", new byte[1], new() { Acknowledge = true }, scene.Patience);
        var all = await taking;
        Assert.Equal(count + 1, all + subscription.Missed - missed);
        return all / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<string> LatencyAsync(TopicScene scene, TopicSubscription subscription)
    {
        var count = IsFull ? 5000 : 1000;
        var times = new double[count];
        var taking = Task.Run(async () =>
        {
            var taken = 0;
            await foreach (var message in subscription.ReadAllAsync(scene.Patience))
            {
                times[taken++] = Stopwatch.GetElapsedTime(BitConverter.ToInt64(message.Data.Span)).TotalMicroseconds;
                if (taken == count) { return; }
            }
        });
        var begin = Stopwatch.GetTimestamp();
        var data = new byte[128];
        for (var i = 0; i < count; i++)
        {
            while (Stopwatch.GetElapsedTime(begin).TotalMilliseconds < i) { await Task.Yield(); }
            BitConverter.TryWriteBytes(data, Stopwatch.GetTimestamp());
            await scene.Nodes[0].Topics.PublishAsync("home/a", data, cancellationToken: scene.Patience);
        }
        await taking;
        Array.Sort(times);
        return $"topics 1 to 1, 128 B at 1,000/s: p50 {times[count / 2]:N0} µs, p99 {times[count * 99 / 100]:N0} µs";
    }
}
