using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Coco.Media;
using static Coco.Tests.Media.StreamScene;

namespace Coco.Tests.Media;

public sealed class StreamTests
{
    private static readonly TrackOptions Patient = new() { Deadline = TimeSpan.FromSeconds(20) };

    [Fact]
    public async Task A_subscriber_gets_the_objects_of_all_tracks_each_in_order()
    {
        await using var scene = await StartAsync();
        await using var stream = await scene.Ada.Streams.PublishAsync("camera/door");
        var (video, audio) = (stream.AddTrack("video", Patient), stream.AddTrack("audio", Patient));
        var subscription = await scene.SubscribeAsync(scene.Bob, scene.Ada, "camera/door");
        Assert.Equal(["video", "audio"], subscription.Tracks.Select(static one => one.Name));

        for (var i = 0; i < 100; i++)
        {
            video.Write(BitConverter.GetBytes(i), startsGroup: i % 10 == 0, priority: (byte)i);
            audio.Write(BitConverter.GetBytes(-i));
        }
        var read = await scene.ReadAsync(subscription, 200);
        var ofVideo = read.Where(static one => one.Track == "video").ToArray();
        Assert.Equal(Enumerable.Range(0, 100), ofVideo.Select(static one => BitConverter.ToInt32(one.Data.Span)));
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => ((long)(i / 10), (long)(i % 10), (byte)i)), ofVideo.Select(static one => (one.Group, one.Index, one.Priority)));
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => -i), read.Where(static one => one.Track == "audio").Select(static one => BitConverter.ToInt32(one.Data.Span)));
        Assert.All(read, static one => Assert.Equal(0, one.Lost));
    }

    [Fact]
    public async Task Who_joins_starts_at_the_newest_group()
    {
        await using var scene = await StartAsync();
        await using var stream = await scene.Ada.Streams.PublishAsync("camera");
        var track = stream.AddTrack("video", Patient);
        for (var i = 0; i < 25; i++) { track.Write(BitConverter.GetBytes(i), startsGroup: i % 10 == 0); }

        var subscription = await scene.SubscribeAsync(scene.Bob, scene.Ada, "camera");
        var first = await scene.ReadAsync(subscription, 5);
        Assert.Equal([20, 21, 22, 23, 24], first.Select(static one => BitConverter.ToInt32(one.Data.Span)));
        Assert.All(first, static one => Assert.True(one.IsCatchUp));
        track.Write(BitConverter.GetBytes(25));
        var next = (await scene.ReadAsync(subscription, 1))[0];
        Assert.Equal((25, false), (BitConverter.ToInt32(next.Data.Span), next.IsCatchUp));
    }

    [Fact]
    public async Task A_track_that_is_added_later_comes_too()
    {
        await using var scene = await StartAsync();
        await using var stream = await scene.Ada.Streams.PublishAsync("camera");
        var subscription = await scene.SubscribeAsync(scene.Bob, scene.Ada, "camera");
        stream.AddTrack("late", Patient).Write("here"u8);
        Assert.Equal("here", TextOf((await scene.ReadAsync(subscription, 1))[0]));
    }

    [Fact]
    public async Task The_policy_decides_who_may_subscribe_and_a_change_cuts_off()
    {
        await using var scene = await StartAsync(policy: "allow subscribe camera/# from anyone\n");
        await using var secret = await scene.Ada.Streams.PublishAsync("secret");
        await using var camera = await scene.Ada.Streams.PublishAsync("camera/door");
        var subscription = await scene.SubscribeAsync(scene.Bob, scene.Ada, "camera/door");

        foreach (var name in new[] { "secret", "nothing" }) // whether it is there is not told
        {
            var failure = await Assert.ThrowsAsync<CocoException>(() => scene.Bob.Streams.SubscribeAsync(scene.Ada.Id, name, cancellationToken: scene.Patience));
            Assert.Equal(CocoError.Denied, failure.Code);
        }
        var missing = await Assert.ThrowsAsync<CocoException>(() => scene.Bob.Streams.SubscribeAsync("node0", "camera/yard", cancellationToken: scene.Patience));
        Assert.Equal(CocoError.NotOffered, missing.Code);

        await scene.SetPolicyAsync("allow subscribe other from anyone\n");
        var cut = await Assert.ThrowsAsync<CocoException>(() => scene.ReadAsync(subscription, 1));
        Assert.Equal(CocoError.Denied, cut.Code);
    }

    [Fact]
    public async Task A_stream_that_ends_ends_its_subscriptions()
    {
        await using var scene = await StartAsync();
        var stream = await scene.Ada.Streams.PublishAsync("camera");
        var track = stream.AddTrack("video", Patient);
        var subscription = await scene.SubscribeAsync(scene.Bob, scene.Ada, "camera");
        track.Write("last"u8);
        Assert.Single(await scene.ReadAsync(subscription, 1));
        await stream.DisposeAsync();

        Assert.Empty(await scene.ReadAsync(subscription, 1));
        Assert.Throws<ObjectDisposedException>(() => track.Write("more"u8));
        Assert.Empty(scene.Ada.Streams.Published);
    }

    [Fact]
    public async Task The_end_is_heard_of_while_subscribers_still_say_how_they_fare()
    {
        await using var scene = await StartAsync();
        for (var round = 0; round < 20; round++)
        {
            var stream = await scene.Ada.Streams.PublishAsync("camera");
            await using var subscription = await scene.SubscribeAsync(scene.Bob, scene.Ada, "camera"); // asks for the time, four times at once
            await stream.DisposeAsync();
            Assert.Empty(await scene.ReadAsync(subscription, 1));
        }
    }

    [Fact]
    public async Task A_paused_track_is_not_sent_and_goes_on_with_its_newest_group()
    {
        await using var scene = await StartAsync();
        await using var stream = await scene.Ada.Streams.PublishAsync("camera");
        var (video, audio) = (stream.AddTrack("video", Patient), stream.AddTrack("audio", Patient));
        var subscription = await scene.SubscribeAsync(scene.Bob, scene.Ada, "camera", new() { Tracks = ["audio"] });
        audio.Write("a0"u8);
        video.Write("v0"u8);
        Assert.Equal("a0", TextOf((await scene.ReadAsync(subscription, 1))[0]));

        subscription.Pause("audio");
        subscription.Resume("video");
        Assert.Equal("v0", TextOf((await scene.ReadAsync(subscription, 1))[0])); // the pause was read before this
        audio.Write("a1"u8, startsGroup: true);
        video.Write("v1"u8, startsGroup: true);
        Assert.Equal("v1", TextOf((await scene.ReadAsync(subscription, 1))[0]));
        subscription.Resume("audio");
        var resumed = (await scene.ReadAsync(subscription, 1))[0];
        Assert.Equal(("a1", "audio"), (TextOf(resumed), resumed.Track));
        Assert.Throws<CocoException>(() => subscription.Pause("smell"));
    }

    [Fact]
    public async Task One_that_reads_nothing_loses_what_matters_least_and_others_lose_nothing()
    {
        await using var scene = await StartAsync(3, options: new() { MaxQueuedBytes = 100_000, MaxBufferedBytes = 100_000 });
        await using var stream = await scene.Ada.Streams.PublishAsync("camera");
        var track = stream.AddTrack("video", Patient);
        var quick = await scene.SubscribeAsync(scene.Bob, scene.Ada, "camera");
        var slow = await scene.SubscribeAsync(scene.Nodes[2], scene.Ada, "camera");
        var data = new byte[10_000];
        for (var i = 0; i < 60; i++)
        {
            track.Write(data, startsGroup: i % 20 == 0, priority: i % 20 == 0 ? (byte)0 : (byte)100);
            Assert.Equal((i, 0L), ((int)(await scene.ReadAsync(quick, 1))[0].Sequence, quick.Statistics.ObjectsLost));
        }
        while (slow.Statistics.ObjectsReceived + stream.Subscribers.Single(one => one.Node == scene.Nodes[2].Id).ObjectsLeftOut < 60) { await Task.Delay(5, scene.Patience); }

        var read = new List<MediaObject>();
        while (read.Count == 0 || read[^1].Sequence < 59) { read.AddRange(await scene.ReadAsync(slow, 1)); }
        Assert.Equal([0, 20, 40], read.Where(static one => one.Priority == 0).Select(static one => one.Sequence));
        Assert.InRange(read.Count, 5, 12);
        Assert.Equal(60 - read.Count, read.Sum(static one => one.Lost));
        Assert.Equal(60 - read.Count, slow.Statistics.ObjectsLost);
    }

    [Fact]
    public async Task The_producer_hears_what_its_subscribers_get()
    {
        await using var scene = await StartAsync();
        await using var stream = await scene.Ada.Streams.PublishAsync("camera");
        var track = stream.AddTrack("video", Patient);
        var subscription = await scene.SubscribeAsync(scene.Bob, scene.Ada, "camera", new() { SilenceTime = TimeSpan.FromSeconds(3) });
        for (var i = 0; i < 10; i++) { track.Write(new byte[1000]); }
        Assert.Equal(10, (await scene.ReadAsync(subscription, 10)).Count);

        while (stream.Subscribers.Single().BytesDelivered < 10_000) { await Task.Delay(10, scene.Patience); }
        var one = stream.Subscribers.Single();
        Assert.Equal((scene.Bob.Id, 0L, 0L), (one.Node, one.ObjectsLost, one.BytesWaiting));
        Assert.Equal(one.BytesSent, one.BytesDelivered);
        Assert.True(one.RoundTripTime > TimeSpan.Zero && one.WindowRate > 0 && one.EstimatedRate > 0);
    }

    [Fact]
    public async Task Bytes_and_datagrams_of_other_programs_go_through_a_track_in_order()
    {
        await using var scene = await StartAsync();
        await using var stream = await scene.Ada.Streams.PublishAsync("clip");
        var (bytes, datagrams) = (stream.AddTrack("bytes", Patient), stream.AddTrack("datagrams", Patient));
        var ofBytes = await scene.SubscribeAsync(scene.Bob, scene.Ada, "clip", new() { Tracks = ["bytes"] });
        var ofDatagrams = await scene.SubscribeAsync(scene.Bob, scene.Ada, "clip", new() { Tracks = ["datagrams"] });
        var clip = new byte[188 * 2000];
        new Random(5).NextBytes(clip);
        using var copy = new MemoryStream();
        using var player = Bound();
        var (copying, playing) = (ofBytes.CopyToAsync(copy, cancellationToken: scene.Patience), ofDatagrams.SendToAsync(Bound(), player.LocalEndPoint!, cancellationToken: scene.Patience));

        await bytes.WriteFromAsync(new MemoryStream(clip), new() { Alignment = 188, GroupBytes = 50_000 }, scene.Patience);
        using var camera = Bound();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(scene.Patience);
        using var input = Bound();
        var writing = datagrams.WriteFromAsync(input, cancellationToken: ending.Token);
        var received = new byte[2000];
        for (var i = 0; i < 20; i++)
        {
            await camera.SendToAsync(BitConverter.GetBytes(i), input.LocalEndPoint!, scene.Patience);
            Assert.Equal((4, i), (await player.ReceiveAsync(received, scene.Patience), BitConverter.ToInt32(received)));
        }
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        while (copy.Length < clip.Length) { await Task.Delay(5, scene.Patience); }
        await stream.DisposeAsync();
        Assert.Equal((0L, 0L), (await copying, await playing));
        Assert.Equal(SHA256.HashData(clip), SHA256.HashData(copy.ToArray()));
    }

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
