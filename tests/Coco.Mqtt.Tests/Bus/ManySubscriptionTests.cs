using System.Globalization;
using System.Text;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Tests.Hosting;

namespace Coco.Mqtt.Tests.Bus;

/// <summary>More subscriptions at an edge than its node may tell others filters.</summary>
public sealed class ManySubscriptionTests
{
    private const int Clients = 500;
    private const int Each = 20;

    [Fact]
    public async Task Ten_thousand_subscriptions_get_what_each_is_for_from_another_edge()
    {
        await using var scene = await MeshScene.OfAsync(2);
        using var publisher = await RawClient.BeginAsync(scene.Edges[0], "p");
        for (var number = 0; number < Clients; number += 100) { await PublishAsync(publisher, Topic(number, 0), $"value {number}", isRetained: true); }
        var clients = new List<RawClient>();
        try
        {
            for (var number = 0; number < Clients; number++) { clients.Add(await RawClient.BeginAsync(scene.Edges[1], $"s{number}")); }
            await Task.WhenAll(clients.Select(static (client, number) => SubscribeAsync(client, number)));
            for (var number = 0; number < Clients; number += 100)
            {
                var value = await clients[number].ReceiveAsync<PublishPacket>();
                Assert.Equal(($"value {number}", true), (Text(value), value.IsRetained));
            }

            // Nothing that nobody asked for comes before, or between; every subscription hears its own.
            await PublishAsync(publisher, "site/0/device/0/other", "x");
            await PublishAsync(publisher, "site/none", "x");
            for (var number = 0; number < Clients * Each; number++) { await PublishAsync(publisher, Topic(number / Each, number % Each), $"{number}"); }

            for (var number = 0; number < Clients * Each; number++)
            {
                var message = await clients[number / Each].ReceiveAsync<PublishPacket>();
                Assert.Equal(($"{number}", Topic(number / Each, number % Each)), (Text(message), message.Topic));
            }
        }
        finally
        {
            clients.ForEach(static client => client.Dispose());
        }
    }

    [Fact]
    public async Task Subscriptions_that_are_told_wider_get_no_more_than_the_policy_lets_and_end_by_themselves()
    {
        const string Rules = "coco policy 1\nallow publish # from anyone\nallow subscribe home/+/light from anyone\n";
        await using var scene = await MeshScene.OfAsync(3, rules: Rules, topics: new() { MaxFilters = 4 });
        using var client = await RawClient.BeginAsync(scene.Edges[1], "c");
        for (var number = 0; number < 20; number++) { await client.SubscribeAsync($"home/{number}/light", 0); }
        await client.SendAsync(new SubscribePacket(1) { Requests = [new("office/a", new(0)), new("home/1/door", new(0))] });
        Assert.Equal([ReasonCode.NotAuthorized, ReasonCode.NotAuthorized], (await client.ReceiveAsync<SubackPacket>()).Reasons);
        using var publisher = await RawClient.BeginAsync(scene.Edges[2], "p");

        foreach (var topic in (string[])["home/1/door", "home/20/light", "office/a", "home/7/light"]) { await PublishAsync(publisher, topic, topic); }
        Assert.Equal("home/7/light", Text(await client.ReceiveAsync<PublishPacket>()));

        await client.SendAsync(new UnsubscribePacket(2) { Filters = ["home/7/light"] });
        await client.ReceiveAsync<SubackPacket>();
        foreach (var topic in (string[])["home/7/light", "home/8/light"]) { await PublishAsync(publisher, topic, topic); }
        Assert.Equal("home/8/light", Text(await client.ReceiveAsync<PublishPacket>()));
    }

    private static string Topic(int client, int number) => string.Create(CultureInfo.InvariantCulture, $"site/{client}/device/{number}");

    private static async Task SubscribeAsync(RawClient client, int number)
    {
        await client.SendAsync(new SubscribePacket(1) { Requests = [.. Enumerable.Range(0, Each).Select(one => new SubscriptionRequest(Topic(number, one), new(0)))] });
        Assert.All((await client.ReceiveAsync<SubackPacket>()).Reasons, static reason => Assert.Equal(ReasonCode.Success, reason));
    }

    private static async Task PublishAsync(RawClient publisher, string topic, string text, bool isRetained = false)
    {
        await publisher.SendAsync(new PublishPacket { Topic = topic, Payload = Encoding.UTF8.GetBytes(text), Qos = Qos.AtLeastOnce, PacketId = 1, IsRetained = isRetained });
        Assert.Equal(ReasonCode.Success, (await publisher.ReceiveAsync<AckPacket>()).Reason);
    }

    private static string Text(PublishPacket packet) => Encoding.UTF8.GetString(packet.Payload.Span);
}
