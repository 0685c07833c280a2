using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Tests.Sessions;

public sealed class PublishTests
{
    private readonly TestBroker _broker = new();

    [Theory]
    [InlineData(0, 2, 0)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 2, 2)]
    [InlineData(2, 1, 1)]
    [InlineData(2, 0, 0)]
    [InlineData(1, 0, 0)]
    public void The_lower_of_both_QoS_counts(int published, int granted, int delivered) // [MQTT-3.8.4-8]
    {
        var subscriber = _broker.Connect("s", ProtocolVersion.V311);
        Assert.Equal((ReasonCode)granted, Assert.Single(subscriber.Subscribe("a", (byte)granted).Reasons)); // [MQTT-3.8.4-7]

        _broker.Connect("p", ProtocolVersion.V311).Publish("a", "x", (Qos)published, packetId: 9);

        Assert.Equal((Qos)delivered, subscriber.TakeOne<PublishPacket>().Qos);
    }

    [Fact] // [MQTT-4.3.2-4], [MQTT-4.3.3-8], [MQTT-4.3.3-11]
    public void Messages_are_acknowledged_with_their_numbers()
    {
        var publisher = _broker.Connect("p", ProtocolVersion.V311);

        publisher.Publish("a", "x", Qos.AtLeastOnce, packetId: 7);
        publisher.Publish("a", "x", Qos.ExactlyOnce, packetId: 8);
        publisher.Acknowledge(PacketType.Pubrel, 8);

        Assert.Equal(
            [(PacketType.Puback, 7), (PacketType.Pubrec, 8), (PacketType.Pubcomp, 8)],
            publisher.Take().Cast<AckPacket>().Select(static ack => (ack.Type, (int)ack.PacketId)));
    }

    [Fact] // [MQTT-4.3.3-10]
    public void A_QoS_2_message_that_comes_again_is_delivered_once()
    {
        var subscriber = _broker.Connect("s");
        subscriber.Subscribe("a");
        var publisher = _broker.Connect("p");

        publisher.Publish("a", "x", Qos.ExactlyOnce, packetId: 8);
        publisher.Publish("a", "x", Qos.ExactlyOnce, packetId: 8, isDuplicate: true);

        Assert.Single(subscriber.Take());
        Assert.Equal([PacketType.Pubrec, PacketType.Pubrec], publisher.Take().Select(static packet => packet.Type));
    }

    [Fact] // [MQTT-4.3.3-12]
    public void A_number_that_was_released_is_a_new_message()
    {
        var subscriber = _broker.Connect("s");
        subscriber.Subscribe("a");
        var publisher = _broker.Connect("p");

        for (var round = 0; round < 2; round++)
        {
            publisher.Publish("a", "x", Qos.ExactlyOnce, packetId: 8);
            publisher.Acknowledge(PacketType.Pubrel, 8);
        }

        Assert.Equal(2, subscriber.TakeMessages().Count);
    }

    [Fact] // 4.3.3
    public void A_number_that_is_not_known_is_said_so()
    {
        var client = _broker.Connect("p");

        client.Acknowledge(PacketType.Pubrel, 8);
        Assert.Equal(ReasonCode.PacketIdentifierNotFound, client.TakeOne<AckPacket>().Reason);

        client.Acknowledge(PacketType.Pubrec, 9);
        Assert.Equal((PacketType.Pubrel, ReasonCode.PacketIdentifierNotFound), client.TakeOne<AckPacket>() is var ack ? (ack.Type, ack.Reason) : default);
    }

    [Fact] // [MQTT-3.3.4-6]
    public void A_client_that_names_a_subscription_in_what_it_publishes_is_refused()
    {
        var publisher = _broker.Connect("p");

        publisher.Publish("a", "x", properties: new() { SubscriptionIdentifiers = [1] });

        Assert.Equal(ReasonCode.ProtocolError, publisher.TakeOne<ReasonPacket>().Reason);
        Assert.True(publisher.IsClosed);
    }

    [Fact] // 3.4.2.1
    public void A_publisher_learns_that_nobody_subscribes()
    {
        var publisher = _broker.Connect("p");

        publisher.Publish("a", "x", Qos.AtLeastOnce);

        Assert.Equal(ReasonCode.NoMatchingSubscribers, publisher.TakeOne<AckPacket>().Reason);
    }

    [Fact] // [MQTT-3.3.4-7], [MQTT-3.3.4-8]
    public void Who_sends_more_than_may_be_unacknowledged_is_told_and_let_go()
    {
        var broker = new TestBroker(new() { ReceiveMaximum = 2 });
        var publisher = broker.Connect("p");

        for (ushort id = 1; id <= 3; id++) { publisher.Publish("a", "x", Qos.ExactlyOnce, id); }

        Assert.Equal(ReasonCode.ReceiveMaximumExceeded, Assert.IsType<ReasonPacket>(publisher.Take()[^1]).Reason);
        Assert.True(publisher.IsClosed);
    }

    [Fact] // [MQTT-4.4.0-1], 4.9
    public void Who_comes_back_again_and_again_without_releasing_what_was_received_is_let_go()
    {
        var broker = new TestBroker(new() { ReceiveMaximum = 2 });
        var lasting = new PropertySet { SessionExpiry = 1000 };
        ushort id = 1;
        for (var connection = 0; connection < 2; connection++)
        {
            var publisher = broker.Connect("p", isClean: connection == 0, properties: lasting);
            for (var count = 0; count < 2; count++) { publisher.Publish("a", "x", Qos.ExactlyOnce, id++); }
            Assert.Equal([PacketType.Pubrec, PacketType.Pubrec], publisher.Take().Select(static packet => packet.Type));
            publisher.Break();
        }

        var third = broker.Connect("p", isClean: false, properties: lasting);
        third.Publish("a", "x", Qos.ExactlyOnce, 1, isDuplicate: true); // known: not one more
        Assert.Equal(PacketType.Pubrec, third.TakeOne<AckPacket>().Type);
        third.Publish("a", "x", Qos.ExactlyOnce, id);
        Assert.Equal(ReasonCode.ReceiveMaximumExceeded, third.TakeOne<ReasonPacket>().Reason);

        var fourth = broker.Connect("p", isClean: false, properties: lasting);
        fourth.Acknowledge(PacketType.Pubrel, 1);
        fourth.Publish("a", "x", Qos.ExactlyOnce, id);
        Assert.Equal([PacketType.Pubcomp, PacketType.Pubrec], fourth.Take().Select(static packet => packet.Type));
    }

    [Fact] // 3.3.2.3.4
    public void An_alias_stands_for_the_topic_it_came_with()
    {
        var subscriber = _broker.Connect("s");
        subscriber.Subscribe("#");
        var publisher = _broker.Connect("p");

        publisher.Publish("a/b", "1", properties: new() { TopicAlias = 1 });
        publisher.Publish("", "2", properties: new() { TopicAlias = 1 });
        publisher.Publish("c", "3", properties: new() { TopicAlias = 1 });
        publisher.Publish("", "4", properties: new() { TopicAlias = 1 });

        Assert.Equal(["a/b", "a/b", "c", "c"], subscriber.TakeMessages().Select(static message => message.Topic));
    }

    [Theory] // 3.3.2.3.4, [MQTT-3.3.2-9]
    [InlineData("", 2, ReasonCode.ProtocolError)]
    [InlineData("a", 65, ReasonCode.TopicAliasInvalid)]
    public void An_alias_that_is_not_known_or_too_high_ends_the_connection(string topic, int alias, object reason)
    {
        var publisher = _broker.Connect("p");

        publisher.Publish(topic, "x", properties: new() { TopicAlias = (ushort)alias });

        Assert.Equal((ReasonCode)reason, publisher.TakeOne<ReasonPacket>().Reason);
        Assert.True(publisher.IsClosed);
    }

    [Fact] // [MQTT-3.3.2-10], [MQTT-3.1.2-26]
    public void Aliases_are_sent_to_those_that_take_them()
    {
        var subscriber = _broker.Connect("s", properties: new() { TopicAliasMaximum = 1 });
        subscriber.Subscribe("#");
        var publisher = _broker.Connect("p");

        foreach (var topic in (string[])["a", "a", "b"]) { publisher.Publish(topic, "x", Qos.AtLeastOnce); }

        Assert.Equal([("a", 1), ("", 1), ("b", 0)], subscriber.TakeMessages().Select(static message => (message.Topic, (int)(message.Properties?.TopicAlias ?? 0))));
    }

    [Fact] // [MQTT-3.3.2-4], [MQTT-3.3.2-15], [MQTT-3.3.2-16], [MQTT-3.3.2-17], [MQTT-3.3.2-20]
    public void What_the_application_says_of_a_message_is_passed_on_as_it_is()
    {
        var subscriber = _broker.Connect("s");
        subscriber.Subscribe("a");
        var said = new PropertySet
        {
            PayloadFormat = 1, ContentType = "text/plain", ResponseTopic = "answers", CorrelationData = [1, 2],
            UserProperties = [new("b", "1"), new("a", "2"), new("b", "3")],
        };

        _broker.Connect("p").Publish("a", "x", Qos.AtLeastOnce, properties: said with { TopicAlias = 3 });

        var passed = subscriber.TakeOne<PublishPacket>().Properties!;
        Assert.Equal(
            (said.PayloadFormat, said.ContentType, said.ResponseTopic, "0102", (ushort?)null),
            (passed.PayloadFormat, passed.ContentType, passed.ResponseTopic, Convert.ToHexString(passed.CorrelationData!), passed.TopicAlias));
        Assert.Equal(said.UserProperties, passed.UserProperties);
    }

    [Fact] // [MQTT-3.3.2-5], [MQTT-3.3.2-6]
    public void A_message_that_waited_too_long_is_not_sent_and_one_that_waited_says_what_is_left()
    {
        var subscriber = _broker.Connect("s", properties: new() { SessionExpiry = 1000 });
        subscriber.Subscribe("a");
        subscriber.Break();
        var publisher = _broker.Connect("p");

        publisher.Publish("a", "short", Qos.AtLeastOnce, properties: new() { MessageExpiry = 5 });
        publisher.Publish("a", "long", Qos.AtLeastOnce, properties: new() { MessageExpiry = 60 });
        _broker.Pass(10);

        var message = _broker.Connect("s", isClean: false, properties: new() { SessionExpiry = 1000 }).TakeOne<PublishPacket>();
        Assert.Equal((4, 50u), (message.Payload.Length, message.Properties!.MessageExpiry));
    }

    [Fact]
    public void Topics_of_the_server_itself_are_not_for_clients()
    {
        var publisher = _broker.Connect("p");

        publisher.Publish("$coco/x", "x", Qos.AtLeastOnce);

        Assert.Equal(ReasonCode.NotAuthorized, publisher.TakeOne<AckPacket>().Reason);
    }

    [Fact] // [MQTT-3.1.2-24], [MQTT-3.1.2-25]
    public void A_message_larger_than_the_client_takes_is_left_out()
    {
        var subscriber = _broker.Connect("s", properties: new() { MaximumPacketSize = 40 });
        subscriber.Subscribe("a");
        var publisher = _broker.Connect("p");

        foreach (var qos in (Qos[])[Qos.AtMostOnce, Qos.AtLeastOnce, Qos.ExactlyOnce])
        {
            publisher.Publish("a", new string('x', 100), qos);
            publisher.Publish("a", "y", qos, packetId: 2);
        }

        Assert.Equal("y,y,y", subscriber.TakeTexts());
    }
}
