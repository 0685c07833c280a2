using System.Globalization;
using System.Net;
using Coco.Crypto;
using Coco.Storage;

namespace Coco.Benchmarks.Messaging;

/// <summary>What a subscription takes, and a message of 128 bytes that waits: for an app that does not read its subscription, and for a receiver who is away.</summary>
internal static class MessagingMemory
{
    private const int Subscriptions = 10_000, Messages = 100_000;

    public static async Task ReportAsync(Report report)
    {
        var folder = Directory.CreateTempSubdirectory("coco-bench");
        using var key = IdentityKey.Generate();
        try
        {
            await using var host = await CocoHost.StartAsync(new() { ListenAddresses = [new(IPAddress.Loopback, 0)] });
            await using var node = await Node.CreateNetworkAsync(new() { Name = "bench" }, Options("publisher"));
            NodeId away;
            await using (var other = await Node.JoinAsync(await node.InviteAsync(), Options("away"))) { away = other.Id; }

            var before = Managed();
            var subscriptions = new List<Topics.TopicSubscription>();
            for (var i = 0; i < Subscriptions; i++) { subscriptions.Add(await node.Topics.SubscribeAsync(string.Create(CultureInfo.InvariantCulture, $"house/{i}/door"))); }
            Add("bytes_per_subscription", before, Subscriptions);
            GC.KeepAlive(subscriptions);

            await using var unread = await node.Topics.SubscribeAsync(Payload.Topic, new() { MaxQueued = Messages });
            var payload = Payload.Create(0);
            await node.Topics.PublishAsync(Payload.Topic, payload);
            before = Managed();
            for (var i = 1; i < Messages; i++) { await node.Topics.PublishAsync(Payload.Topic, payload); }
            Add("bytes_per_message_unread", before, Messages);

            before = Managed();
            var storing = new List<Task>();
            for (var i = 0; i < Messages; i++) { storing.Add(node.Messages.SendAsync(away, payload)); }
            await Task.WhenAll(storing);
            storing.Clear();
            storing.TrimExcess();
            Add("bytes_per_message_for_who_is_away", before, Messages);

            NodeOptions Options(string name) => new()
            {
                Name = name, App = new("org.example.bench"), Host = host, DiscoverOnLan = false, Topics = new() { MaxFilters = 16_384 },
                StorePath = Path.Combine(folder.FullName, name), StoreKey = StoreKey.FromIdentity(key),
            };

            void Add(string metric, long since, int count) => report.Add(metric, (double)(Managed() - since) / count);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static long Managed() => GC.GetTotalMemory(forceFullCollection: true);
}
