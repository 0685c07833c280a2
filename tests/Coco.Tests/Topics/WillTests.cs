namespace Coco.Tests.Topics;

/// <summary>Last wills, in virtual time and between real nodes.</summary>
public sealed class WillTests
{
    [Theory]
    [InlineData(6)]
    [InlineData(40)] // more than a publisher sends to itself: the keepers tell it
    public void Each_subscriber_sees_the_will_of_a_node_that_crashed_once(int count)
    {
        var world = new TopicSimulation(seed: 81, loss: 0.02);
        for (var i = 0; i < count; i++) { world.Add(); }
        world.Refresh();
        foreach (var node in world.Nodes.Skip(1)) { node.Subscribe("plant/#"); }
        world.RunUntil(TimeSpan.FromSeconds(10));
        world.Nodes[0].SetWill("plant/status", 7);
        world.RunUntil(TimeSpan.FromSeconds(15));
        Assert.All(world.Nodes, static node => Assert.Empty(node.Inbox.Heard));

        world.Nodes[0].Crash();
        world.RunUntil(TimeSpan.FromSeconds(20));
        world.Refresh();
        world.RunUntil(TimeSpan.FromSeconds(40));

        Assert.All(world.Nodes.Skip(1), static node =>
        {
            Assert.Equal([7], node.Inbox.Heard.Keys);
            Assert.Equal(0, node.Inbox.Duplicates);
        });
    }

    [Fact]
    public void Wills_of_nodes_that_never_come_back_are_forgotten_in_the_end()
    {
        const int Count = 24, Most = 16;
        var world = new TopicSimulation(seed: 82, loss: 0, new() { MaxValues = Most });
        for (var i = 0; i < Count + 2; i++) { world.Add(); }
        world.Refresh();
        world.Nodes[0].Subscribe("plant/#");
        world.RunUntil(TimeSpan.FromSeconds(10));

        foreach (var node in world.Nodes.Skip(1).Take(Count).ToList())
        {
            node.SetWill($"plant/{world.Nodes.IndexOf(node)}", world.Nodes.IndexOf(node));
            world.RunUntil(world.Now + TimeSpan.FromSeconds(2));
            node.Crash();
            world.RunUntil(world.Now + TimeSpan.FromSeconds(2));
            world.Refresh();
            world.RunUntil(world.Now + TimeSpan.FromSeconds(4));
        }
        world.Refresh(); // the last, too, has been away for long enough now that nobody sees it
        world.RunUntil(world.Now + TimeSpan.FromSeconds(4));

        Assert.Equal(Enumerable.Range(1, Count), world.Nodes[0].Inbox.Heard.Keys.Order());
        Assert.Equal(Most, world.Nodes[0].Exchange.SaidWills);
    }

    [Fact]
    public async Task A_node_that_says_goodbye_takes_its_will_along()
    {
        await using var scene = await TopicScene.OfAsync(3, change: static options => options with { Topics = new() { WillDelay = TimeSpan.FromMilliseconds(50) } });
        await using var subscription = await scene.Nodes[0].Topics.SubscribeAsync("home/#", cancellationToken: scene.Patience);
        await scene.Nodes[1].Topics.SetWillAsync("home/status", TopicScene.Bytes("gone"), isRetained: true, scene.Patience);
        await scene.Nodes[1].Topics.PublishAsync("home/status", TopicScene.Bytes("here"), new() { Acknowledge = true }, scene.Patience);

        await scene.Nodes[1].DisposeAsync();
        await scene.Nodes[0].WaitForAsync(static node => node.Peers.Count(static peer => peer.IsReachable) == 1, scene.Patience);
        await Task.Delay(TimeSpan.FromMilliseconds(300), scene.Patience); // several times what a will waits
        await scene.Nodes[2].Topics.PublishAsync("home/status", TopicScene.Bytes("after"), new() { Acknowledge = true }, scene.Patience);

        Assert.Equal(["here", "after"], (await scene.TakeAsync(subscription, 2)).Select(TopicScene.Text));
    }
}
