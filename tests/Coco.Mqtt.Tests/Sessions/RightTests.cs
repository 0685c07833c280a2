using Coco.Mqtt.Bus;
using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Tests.Sessions;

/// <summary>What the network's policy does not let this node do, in the words of each version.</summary>
public sealed class RightTests
{
    private readonly ManualBus _bus = new() { Denied = "secret" };
    private readonly TestBroker _broker;

    public RightTests() => _broker = new(bus: _bus);

    [Theory] // 3.4.2.1, 3.5.2.1; 3.1.1 [MQTT-3.3.5-2]: acknowledged all the same
    [InlineData(5, 1, PacketType.Puback, ReasonCode.NotAuthorized)]
    [InlineData(5, 2, PacketType.Pubrec, ReasonCode.NotAuthorized)]
    [InlineData(4, 1, PacketType.Puback, ReasonCode.Success)]
    [InlineData(4, 2, PacketType.Pubrec, ReasonCode.Success)]
    public void What_may_not_be_published_is_neither_passed_on_nor_kept(int version, int qos, object type, object reason)
    {
        var subscriber = _broker.Connect("s");
        subscriber.Send(new SubscribePacket(1) { Requests = [new("#", new(0))] });
        _bus.Filters["#"].SetResult(BusSubscription.Empty);
        subscriber.Take();
        var publisher = _broker.Connect("p", (ProtocolVersion)version);

        publisher.Publish("secret", "x", (Qos)qos, isRetained: true);

        Assert.Equal(((PacketType)type, (ReasonCode)reason), publisher.TakeOne<AckPacket>() is var ack ? (ack.Type, ack.Reason) : default);
        Assert.Empty(subscriber.Take());
        Assert.Empty(_bus.Published);
        Assert.False(publisher.IsClosed);
    }

    [Theory] // 3.9.3
    [InlineData(5, ReasonCode.NotAuthorized)]
    [InlineData(4, ReasonCode.Unspecified)]
    public void What_may_not_be_subscribed_to_is_refused_alone(int version, object reason)
    {
        var client = _broker.Connect("c", (ProtocolVersion)version);

        client.Send(new SubscribePacket(1) { Requests = [new("a", new(1)), new("secret", new(1))] });
        _bus.Filters["a"].SetResult(BusSubscription.Empty);

        var frame = client.TakeOne<SubackPacket>();
        Assert.Equal([ReasonCode.GrantedQos1, (ReasonCode)reason], frame.Reasons);
    }

    [Theory] // 3.9.3: the policy lets the node have them, as edges tell each other things there
    [InlineData("$coco/mqtt/#")]
    [InlineData("$coco/#")]
    [InlineData("$coco/+/share/+/+")]
    [InlineData("$share/g/$coco/mqtt/#")]
    public void What_edges_tell_each_other_is_for_no_client(string filter)
    {
        var client = _broker.Connect("c");

        client.Send(new SubscribePacket(1) { Requests = [new(filter, new(1))] });

        Assert.Equal([ReasonCode.NotAuthorized], client.TakeOne<SubackPacket>().Reasons);
        Assert.Empty(_bus.Filters);
    }

    [Theory] // 3.1.4.2, 3.2.2.2; 3.1.1, 3.2.2.3
    [InlineData(5, 0x87)]
    [InlineData(4, 5)]
    public void A_will_that_may_not_be_published_is_refused_with_its_client(int version, int code)
    {
        var client = _broker.Try("c", out var answer, (ProtocolVersion)version, will: new("secret", Array.Empty<byte>(), Qos.AtMostOnce, IsRetained: false, null));

        Assert.Equal(code, (int)answer.Reason);
        Assert.True(client.IsClosed);
    }

    [Fact] // 4.7.2
    public void What_the_server_says_of_itself_is_for_those_who_ask_and_nobody_else_may_say_it()
    {
        var (curious, other) = (_broker.Connect("curious"), _broker.Connect("other", will: null));
        Assert.Equal([ReasonCode.Success], curious.Subscribe("$SYS/broker/clients/+", 0).Reasons);

        var first = curious.TakeMessages();
        Assert.Equal([("$SYS/broker/clients/connected", "2", true), ("$SYS/broker/clients/total", "2", true)], first.Select(Said));
        other.Publish("$SYS/broker/clients/total", "many", Qos.AtLeastOnce);
        Assert.Equal(ReasonCode.NotAuthorized, other.TakeOne<AckPacket>().Reason);
        other.Disconnect();
        _broker.Pass(10);
        Assert.Equal([("$SYS/broker/clients/connected", "1", false), ("$SYS/broker/clients/total", "1", false)], curious.TakeMessages().Select(Said));
        curious.Send(new UnsubscribePacket(2) { Filters = ["$SYS/broker/clients/+"] });
        curious.Take();
        _broker.Pass(100);

        Assert.Empty(curious.Take());
        Assert.Empty(_bus.Filters); // it is not the network's
        Assert.Empty(_bus.Published);
    }

    private static (string, string, bool) Said(PublishPacket message) => (message.Topic, System.Text.Encoding.UTF8.GetString(message.Payload.Span), message.IsRetained);
}
