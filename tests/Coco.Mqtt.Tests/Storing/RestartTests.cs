using System.Text;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Tests.Hosting;
using Coco.Storage;

namespace Coco.Mqtt.Tests.Storing;

public sealed class RestartTests : IDisposable
{
    private static readonly PropertySet Lasting = new() { SessionExpiry = 1000 };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-mqtt");
    private readonly Coco.Crypto.IdentityKey _key = Coco.Crypto.IdentityKey.Generate();

    [Fact]
    public async Task Sessions_messages_and_retained_values_are_there_after_a_restart()
    {
        await using (var edge = await StartAsync())
        {
            using var subscriber = await RawClient.BeginAsync(edge, "s", properties: Lasting);
            await subscriber.SubscribeAsync("a/#");
            using var publisher = await RawClient.BeginAsync(edge, "p");
            await PublishAsync(publisher, "a/1", "first", 1); // sent, not acknowledged
            var sent = await subscriber.ReceiveAsync<PublishPacket>();
            await PublishAsync(publisher, "a/2", "second", 2);
            await subscriber.ReceiveAsync<PublishPacket>();
            await subscriber.SendAsync(new AckPacket(PacketType.Pubrec, sent.PacketId)); // has the first
            await subscriber.ReceiveAsync<AckPacket>();
            await subscriber.SendAsync(new ReasonPacket(PacketType.Disconnect));
            Assert.Null(await subscriber.ReceiveAsync()); // the edge knows that it is gone: nothing more is sent to it, which would come again as a repetition
            await PublishAsync(publisher, "a/3", "third", 3, isRetained: true);
        }

        await using (var edge = await StartAsync())
        {
            using var subscriber = await RawClient.BeginAsync(edge, "s", isClean: false, properties: Lasting, isPresent: true);
            Assert.Equal(PacketType.Pubrel, (await subscriber.ReceiveAsync<AckPacket>()).Type); // [MQTT-4.3.3-7]: never the message again
            var second = await subscriber.ReceiveAsync<PublishPacket>();
            Assert.Equal(("second", true), (Text(second), second.IsDuplicate));
            var third = await subscriber.ReceiveAsync<PublishPacket>();
            Assert.Equal(("third", false), (Text(third), third.IsDuplicate));

            using var late = await RawClient.BeginAsync(edge, "late");
            await late.SubscribeAsync("a/+");
            Assert.True((await late.ReceiveAsync<PublishPacket>()).IsRetained);
            await subscriber.SendAsync(new AckPacket(PacketType.Puback, 1));
        }
    }

    [Theory] // 4.8.2
    [InlineData(false)]
    [InlineData(true)] // the session was read from the store before it ended
    public async Task What_waits_for_a_group_without_members_is_there_after_a_restart(bool isRestarted)
    {
        var edge = await StartAsync();
        using (var member = await RawClient.BeginAsync(edge, "m", properties: Lasting)) { await member.SubscribeAsync("$share/g/a/+", 1); }
        while (edge.Statistics.Clients > 0) { await Task.Delay(5, TestContext.Current.CancellationToken); }
        using (var publisher = await RawClient.BeginAsync(edge, "p"))
        {
            for (ushort id = 1; id <= 3; id++) { await PublishAsync(publisher, $"a/{id}", $"{id}", id); }
        }
        if (isRestarted) { edge = await AgainAsync(edge); }
        using (await RawClient.BeginAsync(edge, "m")) { } // clean: its session ends, and the last of the group with it
        edge = await AgainAsync(edge);

        using var next = await RawClient.BeginAsync(edge, "n");
        await next.SubscribeAsync("$share/g/a/+", 1);
        foreach (var text in (string[])["1", "2", "3"]) { Assert.Equal(text, Text(await next.ReceiveAsync<PublishPacket>())); }
        await edge.DisposeAsync();

        async Task<MqttEdge> AgainAsync(MqttEdge before)
        {
            await before.DisposeAsync();
            return await StartAsync();
        }
    }

    [Fact] // [MQTT-4.3.3-10] over a restart of the server
    public async Task A_QoS_2_message_that_comes_again_after_a_restart_is_delivered_once()
    {
        await using (var edge = await StartAsync())
        {
            using var subscriber = await RawClient.BeginAsync(edge, "s", properties: Lasting);
            await subscriber.SubscribeAsync("a");
            using var publisher = await RawClient.BeginAsync(edge, "p", properties: Lasting);
            await publisher.SendAsync(Message("a", "once", 7, isDuplicate: false));
            Assert.Equal(PacketType.Pubrec, (await publisher.ReceiveAsync<AckPacket>()).Type);
        }

        await using (var edge = await StartAsync())
        {
            using var publisher = await RawClient.BeginAsync(edge, "p", isClean: false, properties: Lasting, isPresent: true);
            await publisher.SendAsync(Message("a", "once", 7, isDuplicate: true), new AckPacket(PacketType.Pubrel, 7));
            Assert.Equal([PacketType.Pubrec, PacketType.Pubcomp], [(await publisher.ReceiveAsync<AckPacket>()).Type, (await publisher.ReceiveAsync<AckPacket>()).Type]);
            await publisher.SendAsync(Message("a", "next", 8, isDuplicate: false));

            using var subscriber = await RawClient.BeginAsync(edge, "s", isClean: false, properties: Lasting, isPresent: true);
            Assert.Equal("once", Text(await subscriber.ReceiveAsync<PublishPacket>()));
            Assert.Equal("next", Text(await subscriber.ReceiveAsync<PublishPacket>()));
        }
    }

    [Fact]
    public async Task What_ended_is_gone_after_a_restart_and_what_was_acknowledged_does_not_come_again()
    {
        await using (var edge = await StartAsync())
        {
            using var clean = await RawClient.BeginAsync(edge, "clean");
            await clean.SubscribeAsync("a");
            using var subscriber = await RawClient.BeginAsync(edge, "s", properties: Lasting);
            await subscriber.SubscribeAsync("a", 1);
            using var publisher = await RawClient.BeginAsync(edge, "p");
            await PublishAsync(publisher, "a", "done", 1);
            await subscriber.SendAsync(new AckPacket(PacketType.Puback, (await subscriber.ReceiveAsync<PublishPacket>()).PacketId));
            await subscriber.SendAsync(new UnsubscribePacket(5) { Filters = ["a"] }, new SubscribePacket(6) { Requests = [new("b", new(1))] });
            Assert.Equal(PacketType.Unsuback, (await subscriber.ReceiveAsync())!.Type);
            Assert.Equal(PacketType.Suback, (await subscriber.ReceiveAsync())!.Type);
        }

        await using (var edge = await StartAsync())
        {
            using var clean = await RawClient.BeginAsync(edge, "clean", isClean: false);
            using var subscriber = await RawClient.BeginAsync(edge, "s", isClean: false, properties: Lasting, isPresent: true);
            using var publisher = await RawClient.BeginAsync(edge, "p");
            await PublishAsync(publisher, "a", "unwanted", 1);
            await PublishAsync(publisher, "b", "wanted", 2);
            Assert.Equal("wanted", Text(await subscriber.ReceiveAsync<PublishPacket>()));
        }
    }

    [Fact]
    public async Task A_store_without_a_key_is_refused_with_what_to_do()
    {
        var exception = await Assert.ThrowsAsync<CocoException>(() => TestEdge.StartAsync(new() { StorePath = Path.Combine(_folder.FullName, "mqtt") }));

        Assert.Contains("StoreKey", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    private Task<MqttEdge> StartAsync() =>
        TestEdge.StartAsync(new() { StorePath = Path.Combine(_folder.FullName, "mqtt"), StoreKey = StoreKey.FromIdentity(_key) });

    private static async Task PublishAsync(RawClient publisher, string topic, string text, ushort packetId, bool isRetained = false)
    {
        await publisher.SendAsync(Message(topic, text, packetId, isDuplicate: false, isRetained));
        Assert.Equal(PacketType.Pubrec, (await publisher.ReceiveAsync<AckPacket>()).Type);
        await publisher.SendAsync(new AckPacket(PacketType.Pubrel, packetId));
        Assert.Equal(PacketType.Pubcomp, (await publisher.ReceiveAsync<AckPacket>()).Type);
    }

    private static PublishPacket Message(string topic, string text, ushort packetId, bool isDuplicate, bool isRetained = false) => new()
    {
        Topic = topic, Payload = Encoding.UTF8.GetBytes(text), Qos = Qos.ExactlyOnce, PacketId = packetId, IsDuplicate = isDuplicate, IsRetained = isRetained,
    };

    private static string Text(PublishPacket packet) => Encoding.UTF8.GetString(packet.Payload.Span);
}
