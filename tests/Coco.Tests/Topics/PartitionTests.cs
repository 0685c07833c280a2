namespace Coco.Tests.Topics;

/// <summary>Subscribers that are out of reach for a while, in virtual time.</summary>
public sealed class PartitionTests
{
    [Theory]
    [InlineData(2, true, false)]
    [InlineData(2, true, true)] // values are not told besides
    [InlineData(2, false, false)] // its links live on
    [InlineData(2, false, true)]
    [InlineData(5, true, true)]
    [InlineData(5, false, true)]
    public void A_subscriber_has_each_message_once_when_the_partition_heals(int nodes, bool endsLinks, bool isRetained)
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

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.3)]
    [InlineData(0.9)]
    public void Who_is_heard_of_a_moment_after_its_link_is_told_what_others_want_within_seconds(double moment)
    {
        var world = new TopicSimulation(seed: 73, loss: 0);
        var founder = world.Add();
        world.Refresh();
        founder.Subscribe("home/#");
        world.RunUntil(TimeSpan.FromSeconds(10));
        var newcomer = world.Add();
        newcomer.Subscribe("other");
        world.Unheard.Add(founder.Id); // by the newcomer, which has its certificate and not yet its place in the network
        world.Refresh();
        world.RunUntil(TimeSpan.FromSeconds(10 + moment));
        world.Unheard.Clear();
        world.Refresh();
        world.RunUntil(TimeSpan.FromSeconds(13));

        newcomer.Publish("home/a", 1);
        world.RunUntil(TimeSpan.FromSeconds(14));

        Assert.Equal([1], founder.Inbox.Heard.Keys);
    }

    [Fact]
    public void A_value_that_is_no_longer_among_the_last_messages_is_told_all_the_same()
    {
        var world = new TopicSimulation(seed: 72, loss: 0.02, new() { HistoryLength = 4096 });
        for (var i = 0; i < 2; i++) { world.Add(); }
        world.Refresh();
        var (publisher, apart) = (world.Nodes[0], world.Nodes[1]);
        apart.Subscribe("home/#");
        world.RunUntil(TimeSpan.FromSeconds(10));
        publisher.Publish("home/a", 1);
        world.RunUntil(TimeSpan.FromSeconds(15));

        world.SetApart(apart, isApart: true);
        publisher.Publish("home/a", 2, isRetained: true);
        for (var i = 3; i <= 100; i++) { publisher.Publish("home/a", i); }
        world.SetApart(apart, isApart: false);
        world.RunUntil(TimeSpan.FromSeconds(60));

        Assert.Equal([1, 2], apart.Inbox.Heard.Keys.Take(2));
        Assert.Equal(Enumerable.Range(100 - (apart.Inbox.Heard.Count - 3), apart.Inbox.Heard.Count - 2), apart.Inbox.Heard.Keys.Skip(2));
        Assert.InRange(apart.Inbox.Heard.Count, 10, 40);
        Assert.Equal((0, 101 - apart.Inbox.Heard.Count), (apart.Inbox.Duplicates, apart.Inbox.Missed));
    }
}
