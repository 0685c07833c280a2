using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Tests.Sessions;

public sealed class SessionTests
{
    private static readonly PropertySet Lasting = new() { SessionExpiry = 100 };

    private readonly TestBroker _broker = new();

    [Fact] // [MQTT-3.2.2-2], [MQTT-3.2.2-3], [MQTT-3.1.2-4]
    public void A_session_is_present_until_it_is_begun_anew()
    {
        _broker.Connect("s", properties: Lasting).Break();

        _broker.Try("s", out var again, isClean: false, properties: Lasting).Break();
        _broker.Try("s", out var clean, isClean: true, properties: Lasting).Break();

        Assert.True(again.IsSessionPresent);
        Assert.False(clean.IsSessionPresent);
    }

    [Fact] // 3.1.1 [MQTT-3.1.2-4], [MQTT-3.1.2-6]
    public void A_3_1_1_session_that_is_not_clean_stays_and_one_that_is_goes()
    {
        _broker.Connect("kept", ProtocolVersion.V311, isClean: false).Disconnect();
        _broker.Connect("gone", ProtocolVersion.V311).Disconnect();
        _broker.Pass(1e9);

        _broker.Try("kept", out var kept, ProtocolVersion.V311, isClean: false);
        _broker.Try("gone", out var gone, ProtocolVersion.V311, isClean: false);

        Assert.True(kept.IsSessionPresent);
        Assert.False(gone.IsSessionPresent);
    }

    [Theory] // [MQTT-3.1.2-23], 3.1.2.11.2
    [InlineData(99, true)]
    [InlineData(100, false)]
    public void A_session_ends_so_long_after_its_connection(double after, bool isPresent)
    {
        _broker.Connect("s", properties: Lasting).Break();
        _broker.Pass(after);

        _broker.Try("s", out var answer, isClean: false);

        Assert.Equal(isPresent, answer.IsSessionPresent);
    }

    [Fact] // 3.14.2.2.2
    public void A_client_that_leaves_may_change_how_long_its_session_stays_but_not_call_it_back()
    {
        _broker.Connect("longer", properties: Lasting).Disconnect(expiry: 1000);
        _broker.Connect("none", properties: Lasting).Disconnect(expiry: 0);
        var wrong = _broker.Connect("wrong");
        wrong.Disconnect(expiry: 10);
        _broker.Pass(500);

        _broker.Try("longer", out var longer, isClean: false);
        _broker.Try("none", out var none, isClean: false);

        Assert.True(longer.IsSessionPresent);
        Assert.False(none.IsSessionPresent);
        Assert.Equal(ReasonCode.ProtocolError, wrong.TakeOne<ReasonPacket>().Reason);
    }

    [Fact] // [MQTT-3.1.4-3]
    public void A_client_that_connects_again_takes_its_session_over()
    {
        var first = _broker.Connect("s", properties: Lasting);
        first.Subscribe("a");

        var second = _broker.Try("s", out var answer, isClean: false, properties: Lasting);
        _broker.Connect("p").Publish("a", "x");

        Assert.Equal(ReasonCode.SessionTakenOver, first.TakeOne<ReasonPacket>().Reason);
        Assert.True(first.IsClosed);
        Assert.True(answer.IsSessionPresent);
        Assert.Equal("x", second.TakeTexts());
        first.Break(); // the end of the first connection, which is noticed later, is not that of the second
        Assert.False(second.IsClosed);
        Assert.Equal(2, _broker.Broker.Sessions);
    }

    [Fact] // [MQTT-4.4.0-1], [MQTT-4.6.0-1], [MQTT-3.3.1-1]
    public void What_was_not_acknowledged_is_sent_again_in_its_order_with_its_number()
    {
        var client = _broker.Connect("s", properties: Lasting);
        client.Subscribe("a");
        var publisher = _broker.Connect("p");
        foreach (var text in (string[])["1", "2", "3"]) { publisher.Publish("a", text, Qos.ExactlyOnce, ushort.Parse(text, System.Globalization.CultureInfo.InvariantCulture)); }
        var sent = client.TakeMessages();
        client.Acknowledge(PacketType.Pubrec, sent[0].PacketId); // has the first, which must not come again ([MQTT-4.3.3-7])
        client.Break();

        var packets = _broker.Connect("s", isClean: false, properties: Lasting).Take();

        Assert.Equal((PacketType.Pubrel, sent[0].PacketId), packets[0] is AckPacket ack ? (ack.Type, ack.PacketId) : default);
        Assert.Equal(
            [(sent[1].PacketId, true), (sent[2].PacketId, true)],
            packets.Skip(1).Cast<PublishPacket>().Select(static packet => (packet.PacketId, packet.IsDuplicate)));
    }

    [Fact] // [MQTT-4.3.3-10] over connections
    public void A_QoS_2_message_that_comes_again_on_a_new_connection_is_delivered_once()
    {
        var subscriber = _broker.Connect("s");
        subscriber.Subscribe("a");
        var publisher = _broker.Connect("p", properties: Lasting);
        publisher.Publish("a", "x", Qos.ExactlyOnce, packetId: 4);
        publisher.Break();

        publisher = _broker.Connect("p", isClean: false, properties: Lasting);
        publisher.Publish("a", "x", Qos.ExactlyOnce, packetId: 4, isDuplicate: true);
        publisher.Acknowledge(PacketType.Pubrel, 4);

        Assert.Equal("x", subscriber.TakeTexts());
        Assert.Equal([ReasonCode.Success, ReasonCode.Success], publisher.Take().Cast<AckPacket>().Select(static ack => ack.Reason));
    }

    [Fact] // 4.1, 3.1.2.5
    public void Messages_wait_for_a_client_that_is_away_except_with_QoS_0()
    {
        var client = _broker.Connect("s", properties: Lasting);
        client.Subscribe("a");
        client.Disconnect();
        var publisher = _broker.Connect("p");

        publisher.Publish("a", "0");
        publisher.Publish("a", "1", Qos.AtLeastOnce);
        publisher.Publish("a", "2", Qos.ExactlyOnce, packetId: 2);

        Assert.Equal("1,2", _broker.Connect("s", isClean: false, properties: Lasting).TakeTexts());
    }

    [Fact] // [MQTT-3.3.4-9]
    public void No_more_are_on_their_way_than_the_client_takes()
    {
        var client = _broker.Connect("s", properties: new() { ReceiveMaximum = 2 });
        client.Subscribe("a");
        var publisher = _broker.Connect("p");
        for (ushort id = 1; id <= 5; id++) { publisher.Publish("a", "x", Qos.ExactlyOnce, id); }

        var sent = client.TakeMessages();
        Assert.Equal(2, sent.Count);

        client.Acknowledge(PacketType.Pubrec, sent[0].PacketId);
        Assert.Empty(client.TakeMessages()); // 4.9: only its end frees a place
        client.Acknowledge(PacketType.Pubcomp, sent[0].PacketId);
        Assert.Single(client.TakeMessages());
        client.Acknowledge(PacketType.Pubrec, sent[1].PacketId, ReasonCode.Unspecified); // or a refusal
        Assert.Single(client.TakeMessages());
    }

    [Fact] // [MQTT-3.3.4-9] of the new connection, [MQTT-4.4.0-1]
    public void No_more_are_sent_again_than_the_client_takes_now_and_the_rest_in_order()
    {
        var client = _broker.Connect("s", properties: Lasting);
        client.Subscribe("a");
        var publisher = _broker.Connect("p");
        for (ushort id = 1; id <= 5; id++) { publisher.Publish("a", $"{id}", Qos.AtLeastOnce, id); }
        Assert.Equal(5, client.TakeMessages().Count);
        client.Break();

        client = _broker.Connect("s", isClean: false, properties: new() { SessionExpiry = 100, ReceiveMaximum = 2 });
        publisher.Publish("a", "6", Qos.AtLeastOnce, 6);
        var order = new List<string>();
        while (client.TakeMessages() is { Count: > 0 } messages)
        {
            Assert.InRange(messages.Count, 1, 2);
            foreach (var message in messages)
            {
                order.Add(System.Text.Encoding.UTF8.GetString(message.Payload.Span));
                Assert.Equal(order.Count <= 5, message.IsDuplicate);
            }
            foreach (var message in messages) { client.Acknowledge(PacketType.Puback, message.PacketId); }
        }

        Assert.Equal(["1", "2", "3", "4", "5", "6"], order);
    }

    [Fact] // [MQTT-3.1.2-22]
    public void A_client_that_says_nothing_for_one_and_a_half_keep_alives_is_lost()
    {
        var silent = _broker.Connect("silent", keepAlive: 10);
        var speaking = _broker.Connect("speaking", keepAlive: 10);
        var quiet = _broker.Connect("quiet", keepAlive: 0);

        _broker.Pass(10);
        speaking.Send(PingPacket.Request);
        _broker.Pass(5.1);

        Assert.Equal(ReasonCode.KeepAliveTimeout, silent.TakeOne<ReasonPacket>().Reason);
        Assert.True(silent.IsClosed);
        Assert.Equal(PacketType.Pingresp, speaking.TakeOne<PingPacket>().Type); // [MQTT-3.12.4-1]
        Assert.False(speaking.IsClosed || quiet.IsClosed);
    }

    [Fact] // [MQTT-3.2.2-21], 3.2.2.3.14
    public void A_keep_alive_that_is_too_long_is_made_shorter_and_the_client_told()
    {
        _broker.Try("long", out var changed, keepAlive: 120);
        _broker.Try("short", out var kept, keepAlive: 60);

        Assert.Equal((60, null), ((int?)changed.Properties!.ServerKeepAlive, kept.Properties!.ServerKeepAlive));
    }

    [Fact] // [MQTT-3.1.3-6], [MQTT-3.1.3-7], [MQTT-3.2.2-16]; 3.1.1 [MQTT-3.1.3-8]
    public void A_client_without_an_identifier_gets_one_of_its_own()
    {
        _broker.Try("", out var first);
        _broker.Try("", out var second);
        _broker.Connect("", ProtocolVersion.V311);
        _broker.Try("", out var refused, ProtocolVersion.V311, isClean: false);

        Assert.NotEqual(first.Properties!.AssignedClientIdentifier, second.Properties!.AssignedClientIdentifier);
        Assert.StartsWith("coco-", first.Properties.AssignedClientIdentifier, StringComparison.Ordinal);
        Assert.Equal((ReasonCode)2, refused.Reason);
    }

    [Fact] // [MQTT-4.12.0-1], 4.12
    public void Enhanced_authentication_is_refused()
    {
        _broker.Try("a", out var answer, properties: new() { AuthenticationMethod = "SCRAM-SHA-256" });
        var client = _broker.Connect("b");
        client.Send(new ReasonPacket(PacketType.Auth) { Reason = ReasonCode.Reauthenticate });

        Assert.Equal(ReasonCode.BadAuthenticationMethod, answer.Reason);
        Assert.Equal(ReasonCode.ProtocolError, client.TakeOne<ReasonPacket>().Reason);
    }

    [Fact] // [MQTT-3.1.0-2]
    public void A_second_CONNECT_ends_the_connection()
    {
        var client = _broker.Connect("a");

        client.Send(new ConnectPacket { Version = ProtocolVersion.V5, ClientId = "a" });

        Assert.Equal(ReasonCode.ProtocolError, client.TakeOne<ReasonPacket>().Reason);
        Assert.True(client.IsClosed);
    }

    [Fact]
    public void A_slow_client_loses_QoS_0_and_keeps_the_rest_in_order()
    {
        var client = _broker.Connect("slow");
        client.Subscribe("a");
        var publisher = _broker.Connect("p");
        client.Link.Backlog = long.MaxValue;

        publisher.Publish("a", "0");
        publisher.Publish("a", "1", Qos.AtLeastOnce);
        publisher.Publish("a", "2", Qos.AtLeastOnce);
        Assert.Empty(client.Take());
        client.Drain();

        Assert.Equal("1,2", client.TakeTexts());
        Assert.Equal(1, _broker.Broker.Dropped);
    }

    [Fact]
    public void A_client_for_which_too_much_waits_is_told_and_hears_how_much_it_missed()
    {
        var broker = new TestBroker(new() { MaxQueuedMessages = 2 });
        var client = broker.Connect("slow", properties: Lasting);
        client.Subscribe("a");
        var publisher = broker.Connect("p");
        client.Link.Backlog = long.MaxValue;

        for (ushort id = 1; id <= 5; id++) { publisher.Publish("a", $"{id}", Qos.AtLeastOnce, id); }

        Assert.Equal(ReasonCode.QuotaExceeded, client.TakeOne<ReasonPacket>().Reason);
        client = broker.Try("slow", out var answer, isClean: false, properties: Lasting);
        Assert.Equal(new UserProperty("coco-missed", "3"), Assert.Single(answer.Properties!.UserProperties));
        Assert.Equal("1,2", client.TakeTexts());
    }

    [Fact] // 3.1.4.11
    public void There_is_an_end_to_sessions()
    {
        var broker = new TestBroker(new() { MaxSessions = 1 });
        broker.Connect("a");

        broker.Try("b", out var answer);

        Assert.Equal(ReasonCode.QuotaExceeded, answer.Reason);
    }
}
