namespace Coco.Tests.Topics;

/// <summary>Subscribers that are out of reach for a while, in virtual time.</summary>
public sealed class PartitionTests
{
    [Fact]
    public void A_subscriber_whose_links_ended_catches_up_when_the_partition_heals() => Heal(nodes: 3, endsLinks: true, isRetained: false);

    private static void Heal(int nodes, bool endsLinks, bool isRetained)
    {
        var world = new TopicSimulation(seed: 71, loss: 0.02);
        for (var i = 0; i < nodes; i++) { world.Add(); }
        world.Refresh();
        var (publisher, apart) = (world.Nodes[0], world.Nodes[1]);
        foreach (var node in world.Nodes.Skip(1)) { node.Subscribe("home/#"); }
        world.RunUntil(TimeSpan.FromSeconds(10));
        publisher.Publish("home/a", 1, isRetained);
        world.RunUntil(TimeSpan.FromSeconds(15));
        Assert.Equal([1], apart.Inbox.Heard.Keys);

        world.SetApart(apart, isApart: true, endsLinks);
        for (var i = 2; i <= 10; i++) { publisher.Publish("home/a", i, isRetained); }
        world.RunUntil(TimeSpan.FromSeconds(60));
        Assert.Equal([1], apart.Inbox.Heard.Keys);
        world.SetApart(apart, isApart: false);
        world.RunUntil(TimeSpan.FromSeconds(100));
        publisher.Publish("home/a", 11, isRetained);
        world.RunUntil(TimeSpan.FromSeconds(110));

        Assert.All(world.Nodes.Skip(1), static node =>
        {
            Assert.Equal(Enumerable.Range(1, 11), node.Inbox.Heard.Keys); // in this order
            Assert.Equal((0, 0), (node.Inbox.Duplicates, node.Inbox.Missed));
        });
    }
}
