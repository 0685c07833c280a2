using Coco.Topics;
using Coco.Topics.Core;

namespace Coco.Tests.Topics;

/// <summary>When a node knows what all it has to do with subscribe to.</summary>
public sealed class SettlingTests
{
    private readonly TopicSimulation _world = new(seed: 1, loss: 0);

    [Fact]
    public void Who_is_within_reach_and_has_not_told_its_interests_is_waited_for()
    {
        var (exchange, peer) = Begin();
        Assert.False(exchange.IsSettled);

        var link = exchange.HandleLinkUp(peer.Id, isOurs: true, _world, TimeSpan.Zero, _world.Wall)!;
        Assert.False(exchange.IsSettled);
        exchange.HandleBytes(link, [(byte)TopicFrameType.Hello, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0], TimeSpan.Zero, _world.Wall); // it knows of nobody's, as this node

        Assert.True(exchange.IsSettled);
        exchange.HandleLinkDown(link, TimeSpan.Zero, _world.Wall);
        Assert.False(exchange.IsSettled);
    }

    [Fact]
    public void Who_cannot_be_connected_with_is_not()
    {
        var (exchange, peer) = Begin();

        exchange.HandleConnectFailed(peer.Id, TimeSpan.Zero, _world.Wall);

        Assert.True(exchange.IsSettled);
    }

    private (TopicExchange Exchange, SimulatedNode Peer) Begin()
    {
        var (self, peer) = (_world.Add(), _world.Add());
        _world.Refresh();
        var members = new SimulatedMembers(_world, self.Id);
        var exchange = new TopicExchange(self.Id, new TopicOptions(), new CheapTopicSeal(self.Id), members, TimeSpan.Zero, _world.Wall);
        exchange.HandleMembers(members, [peer.Id], TimeSpan.Zero, _world.Wall);
        return (exchange, peer);
    }
}
