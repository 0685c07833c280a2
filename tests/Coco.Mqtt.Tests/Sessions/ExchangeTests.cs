using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Tests.Sessions;

/// <summary>Corners of the exchanges of QoS 1 and 2 and of flow control (MQTT 5.0, 4.3, 4.4, 4.9).</summary>
public sealed class ExchangeTests
{
    private static readonly PropertySet Lasting = new() { SessionExpiry = Session.NeverExpires };

    private readonly TestBroker _broker = new();

    [Fact] // 4.3.3, 4.9: an exchange that a PUBREC refuses is over, and makes room
    public void A_client_that_refuses_a_message_gets_the_next_one()
    {
        var subscriber = _broker.Connect("s", properties: new() { ReceiveMaximum = 1 });
        subscriber.Subscribe("a");
        var publisher = _broker.Connect("p");
        publisher.Publish("a", "1", Qos.ExactlyOnce, packetId: 1);
        publisher.Publish("a", "2", Qos.ExactlyOnce, packetId: 2);

        var first = Assert.Single(subscriber.TakeMessages());
        subscriber.Acknowledge(PacketType.Pubrec, first.PacketId, ReasonCode.QuotaExceeded);

        Assert.Equal("2", subscriber.TakeTexts()); // and no PUBREL
    }

    [Fact] // 4.9: room is made by PUBCOMP, not by PUBREC
    public void A_message_counts_as_under_way_until_its_exchange_has_ended()
    {
        var subscriber = _broker.Connect("s", properties: new() { ReceiveMaximum = 1 });
        subscriber.Subscribe("a");
        var publisher = _broker.Connect("p");
        publisher.Publish("a", "1", Qos.ExactlyOnce, packetId: 1);
        publisher.Publish("a", "2", Qos.ExactlyOnce, packetId: 2);
        publisher.Publish("a", "0", Qos.AtMostOnce); // does not wait

        var messages = subscriber.TakeMessages();
        Assert.Equal([Qos.ExactlyOnce, Qos.AtMostOnce], messages.Select(static message => message.Qos));
        subscriber.Acknowledge(PacketType.Pubrec, messages[0].PacketId);
        Assert.Equal(PacketType.Pubrel, subscriber.TakeOne<AckPacket>().Type);
        subscriber.Acknowledge(PacketType.Pubcomp, messages[0].PacketId);

        Assert.Equal("2", subscriber.TakeTexts());
    }

    [Theory]
    [InlineData(PacketType.Puback)] // of the other QoS
    [InlineData(PacketType.Pubcomp)] // before PUBREL
    public void An_acknowledgement_of_another_exchange_ends_none(object type)
    {
        var subscriber = _broker.Connect("s", properties: Lasting);
        subscriber.Subscribe("a");
        _broker.Connect("p").Publish("a", "1", Qos.ExactlyOnce);
        var sent = Assert.Single(subscriber.TakeMessages());

        subscriber.Acknowledge((PacketType)type, sent.PacketId);
        subscriber.Acknowledge((PacketType)type, 999);
        Assert.Empty(subscriber.Take());
        subscriber.Break();

        var again = _broker.Connect("s", isClean: false, properties: Lasting).TakeOne<PublishPacket>();
        Assert.Equal((sent.PacketId, true), (again.PacketId, again.IsDuplicate));
    }

    [Fact] // [MQTT-4.3.2-5], 4.4: QoS 1 may come twice, and after PUBACK a number is free
    public void A_number_of_QoS_1_is_a_new_message_once_it_was_acknowledged()
    {
        var subscriber = _broker.Connect("s");
        subscriber.Subscribe("a", 1);
        var publisher = _broker.Connect("p");

        publisher.Publish("a", "1", Qos.AtLeastOnce, packetId: 7);
        publisher.Publish("a", "1", Qos.AtLeastOnce, packetId: 7, isDuplicate: true);

        Assert.Equal([false, false], subscriber.TakeMessages().Select(static message => message.IsDuplicate)); // [MQTT-3.3.1-3]: not the publisher's flag
    }

    [Fact] // 3.1.2.11.2: 0xFFFFFFFF
    public void A_session_that_never_expires_is_there_after_years()
    {
        var first = _broker.Connect("s", properties: Lasting);
        first.Subscribe("a", 1);
        first.Disconnect();
        _broker.Pass(TimeSpan.FromDays(2000).TotalSeconds);
        _broker.Connect("p").Publish("a", "x", Qos.AtLeastOnce);

        var second = _broker.Try("s", out var answer, isClean: false, properties: Lasting);

        Assert.True(answer.IsSessionPresent);
        Assert.Equal("x", second.TakeTexts());
    }

    [Fact] // [MQTT-3.8.4-5]: as if each filter had come by itself
    public void A_filter_that_stands_twice_in_a_packet_is_one_subscription_with_the_last_options()
    {
        var client = _broker.Connect("c");

        client.Send(new SubscribePacket(1) { Requests = [new("a", new(0)), new("a", new(2))] });
        Assert.Equal([ReasonCode.Success, ReasonCode.GrantedQos2], client.TakeOne<SubackPacket>().Reasons);
        client.Publish("a", "x", Qos.ExactlyOnce);

        Assert.Equal(Qos.ExactlyOnce, Assert.Single(client.TakeMessages()).Qos);
    }

    [Fact] // 3.3.4: the identifier of a shared subscription comes with its messages
    public void A_shared_subscription_has_its_identifier()
    {
        var client = _broker.Connect("c");
        client.Subscribe("$share/g/a", identifier: 5);

        _broker.Connect("p").Publish("a", "x");

        Assert.Equal([5], Assert.Single(client.TakeMessages()).Properties!.SubscriptionIdentifiers);
    }

    [Fact] // [MQTT-4.9.0-2], 3.3.4: what a client does not read waits for the store or the network, and it is not read from
    public void A_client_is_listened_to_again_when_its_answers_are_sent()
    {
        var client = new Client(new TestLink { Version = ProtocolVersion.V311 }, new NoSessionLog(), new() { ReceiveMaximum = 2 }, TimeSpan.Zero);
        client.Answer(new ConnackPacket());
        var first = client.Answer(PingPacket.Response, isAwaited: true);
        Assert.True(client.WhenCaughtUp().IsCompleted);
        client.Answer(PingPacket.Response);
        var caughtUp = client.WhenCaughtUp();
        Assert.False(caughtUp.IsCompleted);

        first.IsAwaited = false;
        client.Release(TimeSpan.Zero);

        Assert.True(caughtUp.IsCompleted);
        Assert.True(client.WhenCaughtUp().IsCompleted);
    }

    [Fact]
    public void Nobody_waits_for_a_client_that_is_gone()
    {
        var client = new Client(new TestLink { Version = ProtocolVersion.V311 }, new NoSessionLog(), new() { ReceiveMaximum = 1 }, TimeSpan.Zero);
        client.Answer(PingPacket.Response, isAwaited: true);
        var caughtUp = client.WhenCaughtUp();

        client.Close();

        Assert.True(caughtUp.IsCompleted);
        Assert.True(client.WhenCaughtUp().IsCompleted);
    }
}
