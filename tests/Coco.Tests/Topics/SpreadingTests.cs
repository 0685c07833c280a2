namespace Coco.Tests.Topics;

/// <summary>Topics with many subscribers, in virtual time.</summary>
public sealed class SpreadingTests(ITestOutputHelper output)
{
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("COCO_ALL") == "1";

    [Fact]
    public void All_connected_subscribers_get_every_message_under_churn_and_loss()
    {
        var (count, messages) = IsFull ? (1000, 100) : (120, 60);
        var world = new TopicSimulation(seed: 71, loss: 0.05);
        for (var i = 0; i < count; i++) { world.Add(); }
        world.Refresh();
        foreach (var node in world.Nodes) { world.After(world.Random.Next(2000), () => node.Subscribe("plant/#")); }
        world.RunUntil(TimeSpan.FromSeconds(20));

        var publisher = world.Nodes[0];
        var joined = new Dictionary<SimulatedNode, int>();
        var (sentBefore, pushedBefore) = (publisher.SentBytes, publisher.Exchange.PushedCopies);
        for (var i = 0; i < messages; i++)
        {
            var number = i;
            world.At(TimeSpan.FromSeconds(20) + TimeSpan.FromMilliseconds(100 * i), () => publisher.Publish("plant/boiler", number));
        }
        var changes = count / 10;
        for (var i = 0; i < changes; i++)
        {
            var at = TimeSpan.FromSeconds(20) + TimeSpan.FromMilliseconds(100.0 * messages * i / changes);
            world.At(at, () => world.Nodes[1 + world.Random.Next(count - 1)].Crash());
            world.At(at, () =>
            {
                var node = world.Add();
                joined[node] = (int)((world.Now - TimeSpan.FromSeconds(20)).TotalMilliseconds / 100);
                world.After(1500, () => node.Subscribe("plant/+"));
            });
        }
        for (var second = 20; second < 20 + messages / 10 + 8; second++) { world.At(TimeSpan.FromSeconds(second), world.Refresh); }
        world.RunUntil(TimeSpan.FromSeconds(20) + TimeSpan.FromMilliseconds(100 * messages) + TimeSpan.FromSeconds(20));

        var stayed = world.Nodes.Take(count).Where(static node => node.IsAlive).ToArray();
        var hops = stayed.SelectMany(static node => node.Inbox.Heard.Values).Order().ToArray();
        output.WriteLine($"{count} subscribers, {changes} crashed, {changes} joined, 5 % loss, {messages} messages of 128 B: publisher pushed "
            + $"{(double)(publisher.Exchange.PushedCopies - pushedBefore) / messages:N2} copies of each, {(publisher.SentBytes - sentBefore) / messages:N0} B; "
            + $"all nodes pushed {world.Nodes.Sum(static node => node.Exchange.PushedCopies) / (double)messages / stayed.Length:N2} copies for each receiver; "
            + $"hops: median {hops[hops.Length / 2]}, 99 % {hops[hops.Length * 99 / 100]}, most {hops[^1]}");
        if (stayed.Where(node => node.Inbox.Heard.Count != messages).ToArray() is { Length: > 0 } lacking) { output.WriteLine($"{lacking.Length} nodes lack messages, the first {messages - lacking[0].Inbox.Heard.Count}"); }
        Assert.All(stayed, node => Assert.Equal(messages, node.Inbox.Heard.Count));
        Assert.All(stayed, static node => Assert.Equal((0, 0L), (node.Inbox.Duplicates, node.Inbox.Missed)));
        // Who joins is told of by neighbours within some seconds; from then on it gets everything.
        foreach (var (node, since) in joined) { Assert.All(Enumerable.Range(0, messages).Where(i => i > since + 60), i => Assert.True(node.Inbox.Heard.ContainsKey(i))); }
        Assert.InRange((double)(publisher.Exchange.PushedCopies - pushedBefore) / messages, 0.5, 5);
    }
}
