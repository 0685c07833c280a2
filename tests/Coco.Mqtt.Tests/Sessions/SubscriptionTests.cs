using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Tests.Sessions;

public sealed class SubscriptionTests
{
    private readonly TestBroker _broker = new();

    [Theory]
    [InlineData("a/b#")]
    [InlineData("a/#/b")]
    [InlineData("a+")]
    [InlineData("+a/b")]
    [InlineData("")]
    [InlineData("$share/g")]
    [InlineData("$share//a")]
    [InlineData("$share/g/")]
    [InlineData("$share/+/a")]
    [InlineData("$share/g/a#")]
    public void What_is_no_filter_is_refused_alone(string filter) // [MQTT-4.7.1-1], [MQTT-4.7.1-2], [MQTT-4.7.3-1], [MQTT-4.8.2-1], [MQTT-4.8.2-2]
    {
        var client = _broker.Connect("c");
        client.Send(new SubscribePacket(5) { Requests = [new("a", new(1)), new(filter, new(1)), new("b", new(0))] });

        var answer = client.TakeOne<SubackPacket>();
        Assert.Equal(5, answer.PacketId); // [MQTT-3.8.4-2]
        Assert.Equal([ReasonCode.GrantedQos1, ReasonCode.TopicFilterInvalid, ReasonCode.Success], answer.Reasons); // [MQTT-3.8.4-5], [MQTT-3.8.4-6]
    }

    [Fact] // 3.3.4, [MQTT-3.3.4-2], [MQTT-3.3.4-3]
    public void Overlapping_subscriptions_make_one_message_with_the_highest_QoS_and_all_identifiers()
    {
        var client = _broker.Connect("c");
        client.Subscribe("a/+", 1, identifier: 10);
        client.Subscribe("a/#", 2, identifier: 20);
        client.Subscribe("#", 0);

        _broker.Connect("p").Publish("a/b", "x", Qos.ExactlyOnce);

        var message = client.TakeOne<PublishPacket>();
        Assert.Equal(Qos.ExactlyOnce, message.Qos);
        Assert.Equal([10, 20], message.Properties!.SubscriptionIdentifiers.Order());
    }

    [Fact] // [MQTT-3.8.3-3]
    public void No_local_keeps_a_client_from_hearing_itself()
    {
        var client = _broker.Connect("c");
        client.Subscribe("a", 0x04);

        client.Publish("a", "mine");
        _broker.Connect("p").Publish("a", "other");

        Assert.Equal("other", client.TakeTexts());
    }

    [Fact] // [MQTT-3.3.1-8], [MQTT-3.3.1-12], [MQTT-3.3.1-13]
    public void The_retain_flag_says_that_a_message_was_kept_unless_it_is_wanted_as_published()
    {
        var plain = _broker.Connect("plain");
        plain.Subscribe("a");
        var asPublished = _broker.Connect("as");
        asPublished.Subscribe("a", 0x08);

        _broker.Connect("p").Publish("a", "x", isRetained: true);
        var late = _broker.Connect("late");
        late.Subscribe("a");

        Assert.Equal([false, true, true], ((TestClient[])[plain, asPublished, late]).Select(static client => client.TakeOne<PublishPacket>().IsRetained));
    }

    [Theory] // [MQTT-3.3.1-9] to [MQTT-3.3.1-11]
    [InlineData(RetainHandling.Always, "x", "x")]
    [InlineData(RetainHandling.IfNew, "x", "")]
    [InlineData(RetainHandling.Never, "", "")]
    public void Retained_messages_come_when_they_are_wanted(object handling, string first, string second)
    {
        _broker.Connect("p").Publish("a", "x", isRetained: true);
        var client = _broker.Connect("c");

        client.Subscribe("a", (byte)((byte)(RetainHandling)handling << 4));
        Assert.Equal(first, client.TakeTexts());
        client.Subscribe("a", (byte)((byte)(RetainHandling)handling << 4));
        Assert.Equal(second, client.TakeTexts());
    }

    [Fact] // [MQTT-3.3.1-5] to [MQTT-3.3.1-7]
    public void The_last_retained_message_counts_and_an_empty_one_takes_it_away()
    {
        var publisher = _broker.Connect("p");
        var watcher = _broker.Connect("w");
        watcher.Subscribe("#");
        publisher.Publish("a", "1", isRetained: true);
        publisher.Publish("a", "2", isRetained: true);
        publisher.Publish("b", "3", isRetained: true);
        publisher.Publish("b", "", isRetained: true);

        var client = _broker.Connect("c");
        client.Subscribe("#");

        Assert.Equal("2", client.TakeTexts());
        Assert.Equal("1,2,3,", watcher.TakeTexts());
    }

    [Fact] // [MQTT-3.3.2-5]
    public void A_retained_message_goes_when_its_time_is_over()
    {
        _broker.Connect("p").Publish("a", "x", isRetained: true, properties: new() { MessageExpiry = 10 });
        _broker.Pass(10);

        var client = _broker.Connect("c");
        client.Subscribe("a");

        Assert.Empty(client.Take());
    }

    [Fact] // [MQTT-4.7.2-1]
    public void Wildcards_do_not_match_what_begins_with_a_dollar_sign()
    {
        var client = _broker.Connect("c");
        foreach (var filter in (string[])["#", "+/x", "$a/#"]) { client.Subscribe(filter); }
        _broker.Connect("p").Publish("$a/x", "1", isRetained: true);

        Assert.Equal("1", client.TakeTexts());
        var late = _broker.Connect("late");
        late.Subscribe("#");
        late.Subscribe("+/+");
        Assert.Empty(late.Take());
        late.Subscribe("$a/+");
        Assert.Equal("1", late.TakeTexts());
    }

    [Fact] // [MQTT-3.10.4-1] to [MQTT-3.10.4-6]
    public void Who_unsubscribes_hears_no_more_and_is_told_of_each_filter()
    {
        var client = _broker.Connect("c");
        client.Subscribe("a/+");
        client.Subscribe("a/b");

        client.Send(new UnsubscribePacket(9) { Filters = ["a/+", "a/c"] });
        Assert.Equal([ReasonCode.Success, ReasonCode.NoSubscriptionExisted], client.TakeOne<SubackPacket>().Reasons);
        _broker.Connect("p").Publish("a/b", "x");
        _broker.Connect("p").Publish("a/c", "y");

        Assert.Equal("x", client.TakeTexts());
    }

    [Fact] // [MQTT-3.8.4-3]
    public void Subscribing_again_replaces_the_subscription()
    {
        var client = _broker.Connect("c");
        client.Subscribe("a", 2, identifier: 1);
        client.Subscribe("a", 0, identifier: 2);

        _broker.Connect("p").Publish("a", "x", Qos.ExactlyOnce);

        var message = client.TakeOne<PublishPacket>();
        Assert.Equal(Qos.AtMostOnce, message.Qos);
        Assert.Equal([2], message.Properties!.SubscriptionIdentifiers);
    }

    [Fact] // 4.8.2
    public void A_shared_message_is_for_one_and_all_get_their_part()
    {
        var clients = Enumerable.Range(0, 3).Select(number => _broker.Connect($"c{number}")).ToList();
        foreach (var client in clients) { client.Subscribe("$share/group/a/+"); }
        var other = _broker.Connect("other");
        other.Subscribe("$share/others/a/+");
        var publisher = _broker.Connect("p");

        for (ushort id = 1; id <= 30; id++) { publisher.Publish("a/b", $"{id}", Qos.AtLeastOnce, id); }

        Assert.All(clients, static client => Assert.Equal(10, client.TakeMessages().Count));
        Assert.Equal(30, other.TakeMessages().Count);
    }

    [Fact] // 4.8.2
    public void A_member_of_a_group_that_is_away_gets_nothing_while_others_are_there()
    {
        var away = _broker.Connect("away", properties: new() { SessionExpiry = 100 });
        var there = _broker.Connect("there");
        away.Subscribe("$share/group/a");
        there.Subscribe("$share/group/a");
        away.Break();
        var publisher = _broker.Connect("p");

        for (ushort id = 1; id <= 4; id++) { publisher.Publish("a", $"{id}", Qos.AtLeastOnce, id); }

        Assert.Equal("1,2,3,4", there.TakeTexts());
    }

    [Fact] // 4.8.2: "If the Client's Session terminates before the Client reconnects, the Server SHOULD send the Application Message to another Client"
    public void What_a_member_did_not_acknowledge_goes_to_another_when_its_session_ends()
    {
        var first = _broker.Connect("first", properties: new() { ReceiveMaximum = 1 });
        first.Subscribe("$share/group/a");
        var publisher = _broker.Connect("p");
        for (ushort id = 1; id <= 3; id++) { publisher.Publish("a", $"{id}", Qos.AtLeastOnce, id); }
        var second = _broker.Connect("second");
        second.Subscribe("$share/group/a");

        first.Break();

        Assert.Equal("1,2,3", second.TakeTexts());
    }

    [Fact] // [MQTT-4.8.2-5]
    public void With_QoS_2_what_was_sent_to_a_member_goes_to_nobody_else()
    {
        var first = _broker.Connect("first", properties: new() { ReceiveMaximum = 1 });
        first.Subscribe("$share/group/a");
        var publisher = _broker.Connect("p");
        for (ushort id = 1; id <= 3; id++) { publisher.Publish("a", $"{id}", Qos.ExactlyOnce, id); }
        var second = _broker.Connect("second");
        second.Subscribe("$share/group/a");

        first.Break();

        Assert.Equal("2,3", second.TakeTexts());
    }

    [Fact] // 4.8.2 leaves it to the server; what was acknowledged to its publisher is not lost here
    public void What_waits_for_a_group_without_members_goes_to_the_next_one_that_subscribes()
    {
        var last = _broker.Connect("last", properties: new() { ReceiveMaximum = 1 });
        last.Subscribe("$share/group/a/+");
        var publisher = _broker.Connect("p");
        for (ushort id = 1; id <= 3; id++) { publisher.Publish($"a/{id}", $"{id}", Qos.AtLeastOnce, id); }
        publisher.Publish("a/4", "too late", Qos.AtLeastOnce, 4, properties: new() { MessageExpiry = 10 });
        last.Break();
        _broker.Pass(20);
        var stranger = _broker.Connect("stranger");
        foreach (var filter in (string[])["$share/other/a/+", "$share/group/a/1", "a/+"]) { stranger.Subscribe(filter); }

        var next = _broker.Connect("next");
        next.Subscribe("$share/group/a/+");
        var another = _broker.Connect("another");
        another.Subscribe("$share/group/a/+");

        Assert.Empty(stranger.TakeMessages());
        Assert.Equal("1,2,3", next.TakeTexts());
        Assert.Empty(another.TakeMessages());
    }

    [Fact]
    public void What_waits_for_a_group_goes_to_members_as_far_as_they_have_room_and_the_rest_waits_on()
    {
        var broker = new TestBroker(new() { MaxQueuedMessages = 3 });
        var last = broker.Connect("last", properties: new() { ReceiveMaximum = 1 });
        last.Subscribe("$share/group/a");
        var publisher = broker.Connect("p");
        for (ushort id = 1; id <= 4; id++) { publisher.Publish("a", $"{id}", Qos.AtLeastOnce, id); }
        last.Acknowledge(PacketType.Puback, last.TakeMessages().Single().PacketId);
        last.Break(); // 2 was sent, 3 and 4 wait
        var busy = broker.Connect("busy", properties: new() { ReceiveMaximum = 1 });
        busy.Subscribe("b");
        for (ushort id = 1; id <= 3; id++) { publisher.Publish("b", "b", Qos.AtLeastOnce, id); } // one on its way, two wait
        busy.Take();

        busy.Subscribe("$share/group/a");
        var free = broker.Connect("free");
        free.Subscribe("$share/group/a");

        Assert.False(busy.IsClosed);
        Assert.Equal("3,4", free.TakeTexts());
    }

    [Fact] // its queue is no session of a client's
    public void No_client_is_called_as_what_is_kept_for_a_group()
    {
        foreach (var (version, reason) in ((ProtocolVersion, ReasonCode)[])[(ProtocolVersion.V5, ReasonCode.ClientIdentifierNotValid), (ProtocolVersion.V311, (ReasonCode)2)])
        {
            _broker.Try("$share/group/a", out var answer, version);
            Assert.Equal(reason, answer.Reason);
        }
    }

    [Fact]
    public void What_waits_for_a_group_ends_after_a_month()
    {
        var last = _broker.Connect("last", properties: new() { ReceiveMaximum = 1 });
        last.Subscribe("$share/group/a");
        var publisher = _broker.Connect("p");
        for (ushort id = 1; id <= 3; id++) { publisher.Publish("a", $"{id}", Qos.AtLeastOnce, id); }
        last.Break();
        Assert.Equal(2, _broker.Broker.Sessions);
        _broker.Pass(TimeSpan.FromDays(31).TotalSeconds);
        Assert.Equal(1, _broker.Broker.Sessions);
        var next = _broker.Connect("next");
        next.Subscribe("$share/group/a");

        Assert.Empty(next.TakeMessages());
    }

    [Fact] // 4.8.2
    public void A_shared_message_is_for_a_member_with_room()
    {
        var broker = new TestBroker(new() { MaxQueuedMessages = 2 });
        var slow = broker.Connect("slow", properties: new() { ReceiveMaximum = 1 });
        var quick = broker.Connect("quick");
        slow.Subscribe("$share/group/a");
        quick.Subscribe("$share/group/a");
        var publisher = broker.Connect("p");

        for (ushort id = 1; id <= 12; id++) { publisher.Publish("a", $"{id}", Qos.AtLeastOnce, id); }

        Assert.False(slow.IsClosed); // one on its way, two that wait
        Assert.Single(slow.TakeMessages());
        Assert.Equal(9, quick.TakeMessages().Count);
    }

    [Fact] // [MQTT-3.8.3-4]
    public void A_shared_subscription_cannot_be_without_ones_own()
    {
        var client = _broker.Connect("c");

        client.Send(new SubscribePacket(1) { Requests = [new("$share/g/a", new(0x04))] });

        Assert.Equal(ReasonCode.ProtocolError, client.TakeOne<ReasonPacket>().Reason);
    }

    [Fact] // 4.8.2: no retained messages for shared subscriptions
    public void A_shared_subscription_gets_no_retained_messages()
    {
        _broker.Connect("p").Publish("a", "x", isRetained: true);
        var client = _broker.Connect("c");

        client.Subscribe("$share/g/a");

        Assert.Empty(client.Take());
    }
}
