using Coco.Media;

namespace Coco.Tests.Media;

/// <summary>Streams among many nodes of one process. All 50 with COCO_ALL=1, which takes a while; else fewer.</summary>
public sealed class ManyNodesTests(ITestOutputHelper output)
{
    private static readonly int Nodes = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 50 : 12;
    private static readonly TrackOptions Patient = new() { Deadline = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task Many_producers_send_to_one_consumer_on_one_port()
    {
        await using var scene = await StreamScene.StartAsync(Nodes + 1);
        var consumer = scene.Nodes[0];
        var tracks = new List<PublishedTrack>();
        foreach (var producer in scene.Nodes[1..]) { tracks.Add((await producer.Streams.PublishAsync("camera")).AddTrack("video", Patient)); }
        var subscriptions = await Task.WhenAll(scene.Nodes[1..].Select(producer => scene.SubscribeAsync(consumer, producer, "camera")));

        // Who joins begins with the first group that comes, which of several that are written at once need not be the first.
        Write(0);
        Assert.All(await Task.WhenAll(subscriptions.Select(one => scene.ReadAsync(one, 1))), static objects => Assert.Equal(0, objects[0].Data.Span[0]));
        for (var i = 1; i < 20; i++) { Write(i); }
        var read = await Task.WhenAll(subscriptions.Select(one => scene.ReadAsync(one, 19)));
        Assert.All(read, static objects => Assert.Equal(Enumerable.Range(1, 19), objects.Select(static item => (int)item.Data.Span[0])));
        Assert.Single(consumer.Host.LocalEndPoints.Select(static one => one.Port).Distinct());
        output.WriteLine($"{Nodes} producers to one consumer at {string.Join(", ", consumer.Host.LocalEndPoints)}: {read.Sum(static one => one.Count)} objects, none lost");

        void Write(int i)
        {
            foreach (var track in tracks) { track.Write([(byte)i, .. new byte[2000]], startsGroup: i % 5 == 0); }
        }
    }

    [Fact]
    public async Task One_producer_reaches_many_consumers_through_three_that_pass_its_stream_on_with_two_copies()
    {
        await using var scene = await StreamScene.StartAsync(Nodes + 4);
        var producer = scene.Nodes[0];
        await using var stream = await producer.Streams.PublishAsync("camera", new() { MaxCopies = 2 });
        var track = stream.AddTrack("video", Patient);
        var passing = new List<StreamSubscription>();
        foreach (var node in scene.Nodes[1..4]) { passing.Add(await scene.SubscribeAsync(node, producer, "camera", new() { Rebroadcasts = (Nodes / 3) + 2 })); }
        var subscriptions = await Task.WhenAll(scene.Nodes[4..].Select(node => scene.SubscribeAsync(node, producer, "camera")));

        const int Objects = 30;
        var reading = Task.WhenAll(subscriptions.Concat(passing).Select(one => scene.ReadAsync(one, Objects)));
        for (var i = 0; i < Objects; i++) { track.Write([(byte)i, .. new byte[5000]], startsGroup: i % 10 == 0); }
        var read = await reading;
        Assert.All(read, static objects => Assert.Equal(Enumerable.Range(0, Objects), objects.Select(static item => (int)item.Data.Span[0])));
        Assert.Equal(2, stream.Subscribers.Count);
        Assert.InRange(stream.Subscribers.Sum(static one => one.BytesSent), 2 * Objects * 5000, 2 * Objects * 5100);
        Assert.Equal(Nodes + 1, passing.Sum(static one => one.Statistics.Rebroadcasts)); // one of the three gets it from another
        output.WriteLine($"the producer sent {stream.Subscribers.Sum(static one => one.BytesSent):N0} bytes for {read.Sum(static one => one.Count):N0} objects delivered to {Nodes + 3} nodes; passed on: "
            + string.Join(", ", passing.Select(static one => one.Statistics.Rebroadcasts)));
    }
}
