using Coco.Mqtt.Bus;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Tests.Sessions;

/// <summary>What must have happened before something is said.</summary>
public sealed class OrderTests
{
    private static readonly PropertySet Lasting = new() { SessionExpiry = 100 };

    private readonly ManualLog _log = new();
    private readonly ManualBus _bus = new();

    [Fact]
    public void Nothing_is_acknowledged_or_delivered_before_it_is_durable()
    {
        var broker = new TestBroker(log: _log);
        var (subscriber, publisher) = (Connect(broker, "s"), Connect(broker, "p"));
        subscriber.Send(new SubscribePacket(1) { Requests = [new("a", new(2))] });
        Assert.Empty(subscriber.Take());
        MakeDurable(broker);
        Assert.Single(subscriber.Take());

        publisher.Publish("a", "x", Qos.ExactlyOnce);
        Assert.Empty(publisher.Take());
        Assert.Empty(subscriber.Take());
        MakeDurable(broker);

        Assert.Equal(PacketType.Pubrec, publisher.TakeOne<AckPacket>().Type);
        Assert.Single(subscriber.Take());
    }

    [Fact]
    public void What_waits_holds_up_answers_of_its_own_type_only()
    {
        var broker = new TestBroker(bus: _bus, log: _log);
        var client = Connect(broker, "c");
        client.Publish("a", "1", Qos.AtLeastOnce, packetId: 1); // the network has yet to say that it has it
        client.Publish("a", "2", Qos.AtLeastOnce, packetId: 2);
        _bus.Published[1].Done.SetResult(ReasonCode.Success);
        client.Send(PingPacket.Request); // at once, though the disk takes nothing either
        Assert.Equal(PacketType.Pingresp, client.TakeOne<PingPacket>().Type);

        client.Send(new UnsubscribePacket(3) { Filters = ["b"] });
        MakeDurable(broker);
        Assert.Equal(PacketType.Unsuback, client.TakeOne<SubackPacket>().Type);

        _bus.Published[0].Done.SetResult(ReasonCode.Success);
        Assert.Equal([1, 2], client.Take().Cast<AckPacket>().Select(static ack => (int)ack.PacketId)); // [MQTT-4.6.0-2]
    }

    [Fact] // 3.3.4
    public void What_comes_over_the_mesh_by_several_filters_is_one_message_with_the_highest_QoS_and_all_identifiers()
    {
        var broker = new TestBroker(bus: _bus);
        var client = broker.Connect("c");
        var filters = new[] { ("a/+", 1, 0), ("a/#", 2, 2), ("a/b", 3, 1) };
        foreach (var (filter, identifier, qos) in filters)
        {
            client.Send(new SubscribePacket(1) { Requests = [new(filter, new((byte)qos))], Properties = new() { SubscriptionIdentifiers = [identifier] } });
            _bus.Filters[filter].SetResult(BusSubscription.Empty);
        }
        client.Take();

        foreach (var qos in (Qos[])[Qos.ExactlyOnce, Qos.AtMostOnce])
        {
            var common = new object();
            var id = qos is Qos.AtMostOnce ? [] : new byte[16];
            foreach (var (filter, _, _) in filters)
            {
                var message = new Message { Topic = "a/b", Payload = "x"u8.ToArray(), Qos = qos, Id = id };
                broker.Broker.HandleBusMessages(filter, [new(message, IsStored: false, Common: common)], static () => { }, broker.Now);
                broker.Broker.EndTurn(broker.Now);
            }
            var sent = client.TakeOne<PublishPacket>();
            Assert.Equal(qos, sent.Qos);
            Assert.Equal([1, 2, 3], sent.Properties!.SubscriptionIdentifiers.Order());
        }
    }

    [Fact] // [MQTT-3.1.2-22] speaks of what the client sends, and not of what is read of it
    public void A_client_is_not_lost_while_it_is_not_listened_to()
    {
        var broker = new TestBroker(new() { ReceiveMaximum = 2 }, _bus);
        var client = broker.Connect("c", keepAlive: 10);
        client.Publish("a", "1", Qos.AtLeastOnce, packetId: 1);
        client.Publish("a", "2", Qos.AtLeastOnce, packetId: 2); // no more is read until the network has one
        broker.Pass(100);
        Assert.False(client.IsClosed);

        _bus.Published[0].Done.SetResult(ReasonCode.Success);
        broker.Pass(14);
        Assert.False(client.IsClosed); // time to hear that it pinged
        broker.Pass(2);
        Assert.True(client.IsClosed);
    }

    [Fact] // [MQTT-3.2.0-1]
    public void Nothing_comes_before_CONNACK()
    {
        var broker = new TestBroker(log: _log);
        var away = Connect(broker, "c");
        away.Send(new SubscribePacket(1) { Requests = [new("a", new(0))], Properties = new() { SubscriptionIdentifiers = [1] } });
        MakeDurable(broker);
        away.Break();

        var link = new TestLink { Version = ProtocolVersion.V5 };
        var client = broker.Broker.HandleConnect(link, new() { Version = ProtocolVersion.V5, ClientId = "c", Properties = Lasting }, broker.Now)!;
        broker.Broker.HandlePacket(client, PingPacket.Request, broker.Now);
        broker.Connect("p").Publish("a", "x");
        Assert.Empty(link.Take());
        MakeDurable(broker);

        Assert.Equal([PacketType.Connack, PacketType.Pingresp, PacketType.Publish], link.Take().Select(static packet => packet.Type));
    }

    [Fact]
    public void QoS_0_waits_for_no_disk()
    {
        var broker = new TestBroker(log: _log);
        var subscriber = broker.Connect("s");
        subscriber.Subscribe("a");
        var publisher = Connect(broker, "p");

        publisher.Publish("b", "stored", Qos.ExactlyOnce);
        publisher.Publish("a", "x");

        Assert.Equal("x", subscriber.TakeTexts());
    }

    [Fact]
    public void A_QoS_2_message_goes_out_when_it_is_durable_and_again_after_a_crash_with_its_number()
    {
        var broker = new TestBroker(bus: _bus, log: _log);
        var publisher = Connect(broker, "p");

        publisher.Publish("a", "x", Qos.ExactlyOnce);
        Assert.Empty(_bus.Published);
        MakeDurable(broker);
        var message = Assert.Single(_bus.Published).Message;
        Assert.Empty(publisher.Take()); // others have yet to get it

        var afterCrash = new TestBroker(bus: _bus, log: _log);
        afterCrash.Broker.RestoreOutgoing(Assert.Single(_log.Outgoing));
        Assert.Equal(message.Id.ToArray(), _bus.Published[1].Message.Id.ToArray());
        _bus.Published[1].Done.SetResult(ReasonCode.Success);
        Assert.Empty(_log.Outgoing);
    }

    [Fact]
    public void A_message_is_acknowledged_when_the_others_have_it()
    {
        var broker = new TestBroker(bus: _bus);
        var publisher = broker.Connect("p");

        publisher.Publish("a", "1", Qos.AtLeastOnce, packetId: 1);
        publisher.Publish("a", "2", Qos.AtLeastOnce, packetId: 2);
        _bus.Published[1].Done.SetResult(ReasonCode.Success);
        Assert.Empty(publisher.Take()); // [MQTT-4.6.0-2]
        _bus.Published[0].Done.SetResult(ReasonCode.NotAuthorized);

        Assert.Equal([(1, ReasonCode.NotAuthorized), (2, ReasonCode.Success)], publisher.Take().Cast<AckPacket>().Select(static ack => ((int)ack.PacketId, ack.Reason)));
    }

    [Fact]
    public void What_another_edge_publishes_is_confirmed_to_it_when_it_is_durable_here()
    {
        var broker = new TestBroker(bus: _bus, log: _log);
        var subscriber = Connect(broker, "s");
        subscriber.Send(new SubscribePacket(1) { Requests = [new("a", new(1))] });
        _bus.Filters["a"].SetResult(BusSubscription.Empty);
        MakeDurable(broker);
        var isStored = false;

        broker.Broker.HandleBusMessages("a", [new(new() { Topic = "a", Payload = "x"u8.ToArray(), Qos = Qos.AtLeastOnce }, IsStored: false)], () => isStored = true, broker.Now);
        Assert.False(isStored);
        MakeDurable(broker);

        Assert.True(isStored);
        Assert.Equal("x", subscriber.TakeTexts());
    }

    [Fact] // 4.3.3: a refused PUBREC ends the exchange
    public void A_client_is_told_when_other_edges_do_not_say_in_time_that_they_have_a_message()
    {
        var broker = new TestBroker(bus: _bus);
        var (five, three) = (broker.Connect("5"), broker.Connect("3", ProtocolVersion.V311));

        five.Publish("a", "1", Qos.AtLeastOnce, packetId: 1);
        five.Publish("a", "2", Qos.ExactlyOnce, packetId: 2);
        three.Publish("a", "3", Qos.ExactlyOnce, packetId: 3);
        foreach (var (_, done) in _bus.Published) { done.SetResult(ReasonCode.ImplementationSpecific); }

        Assert.Equal([(1, ReasonCode.ImplementationSpecific), (2, ReasonCode.ImplementationSpecific)], five.Take().Cast<AckPacket>().Select(static ack => ((int)ack.PacketId, ack.Reason)));
        Assert.Equal(ReasonCode.Success, three.TakeOne<AckPacket>().Reason);
        five.Publish("a", "2 again", Qos.ExactlyOnce, packetId: 2);
        Assert.Equal(4, _bus.Published.Count);
    }

    [Fact]
    public void A_subscription_is_confirmed_when_the_others_know_and_has_their_values()
    {
        var broker = new TestBroker(bus: _bus);
        var client = broker.Connect("c");
        client.Send(new SubscribePacket(1) { Requests = [new("a", new(0)), new("b", new(0))] });
        Assert.Empty(client.Take());

        _bus.Filters["a"].SetResult(new(ReasonCode.Success, [new Message { Topic = "a", Payload = "on"u8.ToArray(), IsRetained = true }]));
        _bus.Filters["b"].SetResult(new(ReasonCode.QuotaExceeded, []));

        var packets = client.Take();
        Assert.Equal([ReasonCode.Success, ReasonCode.QuotaExceeded], Assert.IsType<SubackPacket>(packets[0]).Reasons);
        Assert.True(Assert.IsType<PublishPacket>(packets[1]).IsRetained);
        Assert.Equal(["a"], _bus.Filters.Keys);
    }

    [Fact] // [MQTT-3.10.4-2]
    public void Who_unsubscribes_before_the_others_know_gets_none_of_their_values()
    {
        var broker = new TestBroker(bus: _bus);
        var client = broker.Connect("c");
        client.Send(new SubscribePacket(1) { Requests = [new("a", new(0))] });
        var joining = _bus.Filters["a"];
        client.Send(new UnsubscribePacket(2) { Filters = ["a"] });
        joining.SetResult(new(ReasonCode.Success, [new Message { Topic = "a", Payload = "on"u8.ToArray(), IsRetained = true }]));

        Assert.Equal([PacketType.Unsuback, PacketType.Suback], client.Take().Select(static packet => packet.Type));
    }

    [Fact]
    public void Of_two_values_of_a_topic_the_later_one_stays()
    {
        var broker = new TestBroker(bus: _bus);
        var client = broker.Connect("c");
        client.Send(new SubscribePacket(1) { Requests = [new("a", new(0))] });
        _bus.Filters["a"].SetResult(BusSubscription.Empty);
        client.Take();

        broker.Broker.HandleBusMessages("a", [Value("new", 20), Value("old", 10)], static () => { }, broker.Now);
        client.Send(new SubscribePacket(2) { Requests = [new("a", new(0))] });

        Assert.Equal("new,new", client.TakeTexts()); // as it came, and as it is kept
    }

    [Fact]
    public void What_the_network_does_not_carry_is_refused_in_the_clients_version()
    {
        var broker = new TestBroker(bus: _bus);
        var (five, three) = (broker.Connect("5"), broker.Connect("3", ProtocolVersion.V311));

        five.Publish("a", new string('x', 101), Qos.AtLeastOnce);
        three.Publish("a", new string('x', 101), Qos.AtLeastOnce);

        Assert.Equal(ReasonCode.PacketTooLarge, five.TakeOne<ReasonPacket>().Reason);
        Assert.True(three.IsClosed);
        Assert.Empty(_bus.Published);
    }

    private TestClient Connect(TestBroker broker, string clientId)
    {
        var link = new TestLink { Version = ProtocolVersion.V5 };
        var client = broker.Broker.HandleConnect(link, new ConnectPacket { Version = ProtocolVersion.V5, ClientId = clientId, IsCleanStart = true, Properties = Lasting }, broker.Now);
        Assert.Empty(link.Take()); // a session that is kept is kept first
        MakeDurable(broker);
        Assert.IsType<ConnackPacket>(Assert.Single(link.Take()));
        return new(broker, link, client);
    }

    private void MakeDurable(TestBroker broker)
    {
        _log.MakeDurable();
        broker.Broker.HandleDurable(broker.Now);
        broker.Broker.EndTurn(broker.Now);
    }

    private static BusMessage Value(string text, ulong milliseconds) =>
        new(new() { Topic = "a", Payload = System.Text.Encoding.UTF8.GetBytes(text), IsRetained = true, Stamp = (milliseconds, default) }, IsStored: true);
}
