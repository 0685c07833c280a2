using Coco.Media;

namespace Coco.Tests.Media;

/// <summary>Streams among fifty nodes and more, in one process and over the loopback's UDP.</summary>
public sealed class ManyNodesTests(ITestOutputHelper output)
{
    private const int Nodes = 50;
    private const int Objects = 60;
    private const int PerGroup = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // fifty handshakes at once, on a busy machine
    private static readonly TrackOptions Patient = new() { Deadline = Patience };

    [Fact]
    public async Task Fifty_producers_send_to_one_consumer_through_its_one_port()
    {
        const int ObjectBytes = 2000;
        using var sockets = new CountingNetwork();
        await using var scene = await StreamScene.StartAsync(Nodes + 1, first: sockets, connectTime: Patience);
        var consumer = scene.Nodes[0];
        var tracks = new List<PublishedTrack>();
        foreach (var producer in scene.Nodes[1..]) { tracks.Add((await producer.Streams.PublishAsync("camera")).AddTrack("video", Patient)); }
        var subscriptions = await Task.WhenAll(scene.Nodes[1..].Select(producer => scene.SubscribeAsync(consumer, producer, "camera")));

        // Who joins begins with the first group that comes, which of several that are written at once need not be the first.
        Write(0);
        Assert.All(await Task.WhenAll(subscriptions.Select(one => scene.ReadAsync(one, 1))), static objects => Assert.Equal(0, objects[0].Data.Span[0]));
        for (var i = 1; i < Objects; i++) { Write(i); }
        var read = await Task.WhenAll(subscriptions.Select(one => scene.ReadAsync(one, Objects - 1)));

        Assert.All(read, static objects => Assert.Equal(Enumerable.Range(1, Objects - 1), objects.Select(static item => (int)item.Data.Span[0])));
        Assert.Equal(scene.Nodes[1..].Select(static node => node.Id), subscriptions.Select(static one => one.Statistics.Source));
        Assert.Equal(1, sockets.Sockets);
        Assert.Single(consumer.Host.LocalEndPoints);
        Assert.InRange(sockets.BytesReceived, (long)Nodes * Objects * ObjectBytes, long.MaxValue);
        output.WriteLine($"{Nodes} producers to one consumer at {consumer.Host.LocalEndPoints[0]}, its only UDP socket of {sockets.Sockets}: "
            + $"{read.Sum(static one => one.Count) + Nodes:N0} objects, none lost, {sockets.BytesReceived:N0} bytes received there");

        void Write(int i)
        {
            foreach (var track in tracks) { track.Write([(byte)i, .. new byte[ObjectBytes - 1]], startsGroup: i % PerGroup == 0); }
        }
    }

    [Fact]
    public async Task One_producer_reaches_fifty_consumers_through_three_that_pass_its_stream_on_and_sends_two_copies()
    {
        const int ObjectBytes = 10_000;
        const int Rounds = 3; // written at once, more would be dropped: a subscriber's queue takes 1 MiB
        const long Copy = Rounds * Objects * ObjectBytes;
        using var uplink = new CountingNetwork();
        await using var scene = await StreamScene.StartAsync(Nodes + 4, first: uplink, connectTime: Patience);
        var producer = scene.Nodes[0];
        await using var stream = await producer.Streams.PublishAsync("camera", new() { MaxCopies = 2 });
        var track = stream.AddTrack("video", Patient);
        var passing = new List<StreamSubscription>();
        foreach (var node in scene.Nodes[1..4]) { passing.Add(await scene.SubscribeAsync(node, producer, "camera", new() { Rebroadcasts = (Nodes / 3) + 2 })); }
        var consumers = await Task.WhenAll(scene.Nodes[4..].Select(node => scene.SubscribeAsync(node, producer, "camera")));

        var before = uplink.BytesSent;
        var read = new List<List<MediaObject>>();
        for (var round = 0; round < Rounds; round++)
        {
            var reading = Task.WhenAll(consumers.Concat(passing).Select(one => scene.ReadAsync(one, Objects)));
            for (var i = 0; i < Objects; i++) { track.Write([(byte)i, .. new byte[ObjectBytes - 1]], startsGroup: i % PerGroup == 0); }
            read.AddRange(await reading);
        }
        var sent = uplink.BytesSent.Select(one => one.Value - before.GetValueOrDefault(one.Key)).OrderDescending().ToArray();

        Assert.All(read, static objects => Assert.Equal(Enumerable.Range(0, Objects), objects.Select(static item => (int)item.Data.Span[0])));
        Assert.All(read, static objects => Assert.Equal(0, objects.Sum(static item => item.Lost)));
        Assert.Equal(2, stream.Subscribers.Count);
        Assert.InRange(stream.Subscribers.Sum(static one => one.BytesSent), 2 * Copy, (2 * Copy) + (2 * Rounds * Objects * LiveObject.MaxHeader));
        Assert.Subset(scene.Nodes[1..4].Select(static node => node.Id).ToHashSet(), consumers.Select(static one => one.Statistics.Source).ToHashSet());
        Assert.All(passing, static one => Assert.InRange(one.Statistics.Rebroadcasts, 1, (Nodes / 3) + 2));
        Assert.Equal(Nodes + 1, passing.Sum(static one => one.Statistics.Rebroadcasts)); // one of the three gets it from another
        // To each neighbour goes what the mesh has to say, which on a busy machine is much; to two of them a copy, with headers and signatures.
        Assert.InRange((double)sent[..2].Sum() / Copy, 2, 2.5);
        Assert.All(sent[2..], static bytes => Assert.InRange(bytes, 0, Copy / 2));
        var delivered = read.Sum(static one => one.Count);
        output.WriteLine($"the producer's socket sent {sent[..2].Sum():N0} bytes to two neighbours, {(double)sent[..2].Sum() / Copy:F2} copies of a stream of {Copy:N0}, and "
            + $"{sent[2..].Sum():N0} to all others, for {delivered:N0} objects delivered to {Nodes + 3} nodes, {(long)delivered * ObjectBytes:N0} bytes, none lost; "
            + $"passed on: {string.Join(", ", passing.Select(static one => one.Statistics.Rebroadcasts))}");
    }
}
