using System.Text;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Tests.Hosting;

namespace Coco.Mqtt.Tests.Bus;

public sealed class MeshTests
{
    [Fact]
    public async Task Clients_of_different_edges_hear_each_other_with_QoS_and_properties()
    {
        await using var scene = await MeshScene.OfAsync(3);
        using var first = await RawClient.BeginAsync(scene.Edges[1], "s1");
        using var second = await RawClient.BeginAsync(scene.Edges[2], "s2", ProtocolVersion.V311);
        await first.SubscribeAsync("home/#");
        await second.SubscribeAsync("home/+");
        using var publisher = await RawClient.BeginAsync(scene.Edges[0], "p");

        foreach (var qos in (Qos[])[Qos.AtMostOnce, Qos.AtLeastOnce, Qos.ExactlyOnce])
        {
            await PublishAsync(publisher, "home/a", $"{qos}", qos, new() { ResponseTopic = "home/answers", UserProperties = [new("a", "b")] });
        }

        foreach (var qos in (Qos[])[Qos.AtMostOnce, Qos.AtLeastOnce, Qos.ExactlyOnce])
        {
            var message = await first.ReceiveAsync<PublishPacket>();
            Assert.Equal((qos, $"{qos}", "home/answers"), (message.Qos, Text(message), message.Properties!.ResponseTopic));
            Assert.Equal(new UserProperty("a", "b"), Assert.Single(message.Properties.UserProperties));
            Assert.Equal((qos, $"{qos}"), await second.ReceiveAsync<PublishPacket>() is var other ? (other.Qos, Text(other)) : default);
        }
    }

    [Fact]
    public async Task Retained_values_and_wills_are_the_networks()
    {
        await using var scene = await MeshScene.OfAsync(2);
        using var publisher = await RawClient.BeginAsync(scene.Edges[0], "p");
        await PublishAsync(publisher, "state", "on", Qos.AtLeastOnce, isRetained: true);
        using var subscriber = await RawClient.BeginAsync(scene.Edges[1], "s");
        await subscriber.SubscribeAsync("state");
        var value = await subscriber.ReceiveAsync<PublishPacket>();
        Assert.Equal(("on", true, Qos.AtLeastOnce), (Text(value), value.IsRetained, value.Qos));
        await subscriber.SendAsync(new AckPacket(PacketType.Puback, value.PacketId));

        await subscriber.SubscribeAsync("will");
        var lost = await RawClient.ConnectAsync(scene.Edges[0], ProtocolVersion.V5);
        await lost.SendAsync(new ConnectPacket { Version = ProtocolVersion.V5, ClientId = "lost", IsCleanStart = true, Will = new("will", "gone"u8.ToArray(), Qos.ExactlyOnce, IsRetained: false, null) });
        await lost.ReceiveAsync<ConnackPacket>();
        lost.Dispose();

        Assert.Equal("gone", Text(await subscriber.ReceiveAsync<PublishPacket>()));
    }

    [Fact]
    public async Task A_retained_value_that_was_taken_away_at_one_edge_is_gone_at_another()
    {
        await using var scene = await MeshScene.OfAsync(2);
        using var publisher = await RawClient.BeginAsync(scene.Edges[0], "p");
        using var watcher = await RawClient.BeginAsync(scene.Edges[1], "w");
        await watcher.SubscribeAsync("state", 0);
        await PublishAsync(publisher, "state", "on", Qos.AtLeastOnce, isRetained: true);
        Assert.Equal("on", Text(await watcher.ReceiveAsync<PublishPacket>()));
        await PublishAsync(publisher, "state", "", Qos.AtLeastOnce, isRetained: true);
        Assert.Equal("", Text(await watcher.ReceiveAsync<PublishPacket>()));

        using var late = await RawClient.BeginAsync(scene.Edges[1], "late");
        await late.SubscribeAsync("state", 0);
        await late.SendAsync(PingPacket.Request);

        Assert.Equal(PacketType.Pingresp, (await late.ReceiveAsync())!.Type);
    }

    [Fact]
    public async Task All_values_of_one_millisecond_arrive_and_the_last_one_counts()
    {
        await using var scene = await MeshScene.OfAsync(2, time: new StoppedClock());
        using var publisher = await RawClient.BeginAsync(scene.Edges[0], "p");
        using var other = await RawClient.BeginAsync(scene.Edges[1], "o");
        using var watcher = await RawClient.BeginAsync(scene.Edges[1], "w");
        await watcher.SubscribeAsync("state", 0);
        foreach (var (from, text) in new[] { (publisher, "on"), (publisher, ""), (publisher, "once more"), (other, "other"), (publisher, "last") })
        {
            await PublishAsync(from, "state", text, Qos.AtLeastOnce, isRetained: true);
            Assert.Equal(text, Text(await watcher.ReceiveAsync<PublishPacket>()));
        }

        foreach (var edge in scene.Edges)
        {
            using var late = await RawClient.BeginAsync(edge, "late");
            await late.SubscribeAsync("state", 0);
            Assert.Equal("last", Text(await late.ReceiveAsync<PublishPacket>()));
        }
    }

    [Fact]
    public async Task A_value_and_a_message_of_one_millisecond_are_two()
    {
        await using var scene = await MeshScene.OfAsync(2, time: new StoppedClock());
        using var publisher = await RawClient.BeginAsync(scene.Edges[0], "p");
        using var watcher = await RawClient.BeginAsync(scene.Edges[1], "w");
        await watcher.SubscribeAsync("state", 0);
        await PublishAsync(publisher, "state", "value", Qos.AtLeastOnce, isRetained: true);
        await PublishAsync(publisher, "state", "message", Qos.AtLeastOnce);

        Assert.Equal("value", Text(await watcher.ReceiveAsync<PublishPacket>()));
        Assert.Equal("message", Text(await watcher.ReceiveAsync<PublishPacket>()));
    }

    [Fact]
    public async Task A_shared_subscription_over_edges_has_each_message_once()
    {
        const int Count = 60;
        await using var scene = await MeshScene.OfAsync(3);
        using var first = await RawClient.BeginAsync(scene.Edges[0], "s0");
        using var second = await RawClient.BeginAsync(scene.Edges[1], "s1");
        await first.SubscribeAsync("$share/g/work", 0);
        await second.SubscribeAsync("$share/g/work", 0);
        await first.SubscribeAsync("end", 0);
        await second.SubscribeAsync("end", 0);
        using var publisher = await RawClient.BeginAsync(scene.Edges[2], "p");

        for (var number = 0; number < Count; number++) { await PublishAsync(publisher, "work", $"{number}", Qos.AtLeastOnce); }
        await PublishAsync(publisher, "end", "", Qos.AtLeastOnce);

        var (ofFirst, ofSecond) = (await TakeUntilEndAsync(first), await TakeUntilEndAsync(second));
        Assert.InRange(ofFirst.Count, 1, Count - 1);
        Assert.Equal(Enumerable.Range(0, Count), ofFirst.Concat(ofSecond).Select(int.Parse).Order());
    }

    [Fact] // 3.2.2.3.6, [MQTT-3.2.2-15]
    public async Task The_longest_packet_that_is_announced_goes_through_the_mesh_and_a_longer_one_ends_the_connection()
    {
        await using var scene = await MeshScene.OfAsync(2);
        using var subscriber = await RawClient.BeginAsync(scene.Edges[1], "s");
        await subscriber.SubscribeAsync("a", 1);
        using var publisher = await RawClient.ConnectAsync(scene.Edges[0], ProtocolVersion.V5);
        await publisher.SendAsync(new ConnectPacket { Version = ProtocolVersion.V5, ClientId = "p", IsCleanStart = true });
        var announced = (int)(await publisher.ReceiveAsync<ConnackPacket>()).Properties!.MaximumPacketSize!.Value;
        var longest = new byte[announced - 10]; // type, length 3, topic 3, number 2, properties 1

        await publisher.SendAsync(new PublishPacket { Topic = "a", Payload = longest, Qos = Qos.AtLeastOnce, PacketId = 1 });
        Assert.Equal(ReasonCode.Success, (await publisher.ReceiveAsync<AckPacket>()).Reason);
        Assert.Equal(longest.Length, (await subscriber.ReceiveAsync<PublishPacket>()).Payload.Length);

        await publisher.SendAsync(new PublishPacket { Topic = "a", Payload = new byte[longest.Length + 1], Qos = Qos.AtMostOnce });
        await publisher.SendAsync(new PublishPacket { Topic = "a", Payload = new byte[longest.Length + 3], Qos = Qos.AtMostOnce });
        Assert.Equal(ReasonCode.PacketTooLarge, (await publisher.ReceiveAsync<ReasonPacket>()).Reason);
    }

    [Fact]
    public async Task The_networks_policy_says_what_clients_may()
    {
        const string Rules = "coco policy 1\nallow publish home/# from anyone\nallow subscribe home/+/light from anyone\n";
        await using var scene = await MeshScene.OfAsync(2, rules: Rules);
        using var client = await RawClient.BeginAsync(scene.Edges[1], "c"); // of the owner, the other one, it is asked nothing

        await client.SendAsync(new SubscribePacket(1) { Requests = [new("home/#", new(0)), new("home/a/light", new(0)), new("office/#", new(0)), new("home/a/door", new(0))] });
        Assert.Equal([ReasonCode.Success, ReasonCode.Success, ReasonCode.NotAuthorized, ReasonCode.NotAuthorized], (await client.ReceiveAsync<SubackPacket>()).Reasons);
        foreach (var (topic, reason) in new[] { ("office/a", ReasonCode.NotAuthorized), ("home/b", ReasonCode.Success) })
        {
            await client.SendAsync(new PublishPacket { Topic = topic, Payload = "x"u8.ToArray(), Qos = Qos.ExactlyOnce, PacketId = 5 });
            var ack = await client.ReceiveAsync();
            if (ack is PublishPacket) { ack = await client.ReceiveAsync(); } // its own, as home/# is
            Assert.Equal(reason, Assert.IsType<AckPacket>(ack).Reason);
        }
    }

    [Fact] // 3.3.4
    public async Task Overlapping_subscriptions_get_one_copy_of_what_another_edge_publishes()
    {
        await using var scene = await MeshScene.OfAsync(2);
        using var subscriber = await RawClient.BeginAsync(scene.Edges[1], "s");
        foreach (var filter in (string[])["a/+", "a/#", "a/b"]) { await subscriber.SubscribeAsync(filter, 2); }
        using var publisher = await RawClient.BeginAsync(scene.Edges[0], "p");

        for (var number = 0; number < 20; number++)
        {
            await PublishAsync(publisher, "a/b", $"{number}", (Qos)(number % 3));
            Assert.Equal($"{number}", Text(await subscriber.ReceiveAsync<PublishPacket>())); // a second copy would be the next one's
        }
    }

    [Fact]
    public async Task The_log_says_once_of_a_topic_that_the_policy_does_not_let_its_messages_out()
    {
        const string Rules = "coco policy 1\nallow publish home/# from anyone\nallow subscribe home/# from anyone\n";
        var log = new LogRecorder();
        await using var scene = await MeshScene.OfAsync(2, (_, options) => options with { LoggerFactory = log }, rules: Rules);
        using var client = await RawClient.BeginAsync(scene.Edges[1], "c", ProtocolVersion.V311);

        foreach (var topic in (string[])["office/a", "home/a", "office/a", "office/b"]) { await PublishAsync(client, topic, "x", Qos.AtMostOnce); }
        await client.SendAsync(PingPacket.Request);
        await client.ReceiveAsync<PingPacket>();

        var said = log.Lines.Where(static line => line.Number == 1586).Select(static line => line.Text).ToList();
        Assert.Equal(2, said.Count);
        Assert.Contains("office/a", said[0], StringComparison.Ordinal);
        Assert.Contains("office/b", said[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apps_and_MQTT_clients_read_each_other()
    {
        await using var scene = await MeshScene.OfAsync(2);
        await using var app = await scene.Nodes[1].Topics.SubscribeAsync("home/+", cancellationToken: scene.Patience);
        using var client = await RawClient.BeginAsync(scene.Edges[0], "c");
        await client.SubscribeAsync("apps/+");

        await PublishAsync(client, "home/a", "from a client", Qos.AtMostOnce);
        await scene.Nodes[1].Topics.PublishAsync("apps/b", "from an app"u8.ToArray(), cancellationToken: scene.Patience);

        await using var messages = app.ReadAllAsync(scene.Patience).GetAsyncEnumerator(scene.Patience);
        Assert.True(await messages.MoveNextAsync());
        Assert.Equal(("home/a", "from a client"), (messages.Current.Topic, Encoding.UTF8.GetString(messages.Current.Data.Span)));
        Assert.Equal("from an app", Text(await client.ReceiveAsync<PublishPacket>()));

        await scene.Nodes[1].Topics.PublishAsync("apps/b", "the value"u8.ToArray(), new() { Retain = true }, scene.Patience);
        Assert.Equal("the value", Text(await client.ReceiveAsync<PublishPacket>()));
        using var late = await RawClient.BeginAsync(scene.Edges[0], "late");
        await late.SubscribeAsync("apps/b");
        Assert.True(await late.ReceiveAsync<PublishPacket>() is { IsRetained: true } value && Text(value) is "the value");
    }

    private static async Task<List<string>> TakeUntilEndAsync(RawClient client)
    {
        var texts = new List<string>();
        while (await client.ReceiveAsync<PublishPacket>() is { Topic: "work" } message) { texts.Add(Text(message)); }
        return texts;
    }

    private static async Task PublishAsync(RawClient publisher, string topic, string text, Qos qos, PropertySet? properties = null, bool isRetained = false)
    {
        await publisher.SendAsync(new PublishPacket
        {
            Topic = topic, Payload = Encoding.UTF8.GetBytes(text), Qos = qos, PacketId = qos is Qos.AtMostOnce ? (ushort)0 : (ushort)1, Properties = properties, IsRetained = isRetained,
        });
        if (qos is Qos.AtMostOnce) { return; }
        Assert.Equal(ReasonCode.Success, (await publisher.ReceiveAsync<AckPacket>()).Reason);
        if (qos is Qos.AtLeastOnce) { return; }
        await publisher.SendAsync(new AckPacket(PacketType.Pubrel, 1));
        Assert.Equal(PacketType.Pubcomp, (await publisher.ReceiveAsync<AckPacket>()).Type);
    }

    private static string Text(PublishPacket packet) => Encoding.UTF8.GetString(packet.Payload.Span);
}
