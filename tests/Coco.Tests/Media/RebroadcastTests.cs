using Coco.Media;
using static Coco.Tests.Media.StreamScene;

namespace Coco.Tests.Media;

public sealed class RebroadcastTests
{
    private static readonly TrackOptions Patient = new() { Deadline = TimeSpan.FromSeconds(20) };
    private static readonly MediaSubscribeOptions Quick = new() { SilenceTime = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task Who_finds_no_copy_left_gets_the_stream_from_one_that_passes_it_on()
    {
        await using var scene = await StartAsync(3);
        await using var stream = await scene.Ada.Streams.PublishAsync("camera", new() { MaxCopies = 1 });
        var track = stream.AddTrack("video", Patient);
        track.Write("0"u8);
        var passing = await scene.SubscribeAsync(scene.Bob, scene.Ada, "camera", new() { Rebroadcasts = 2 });
        var subscription = await scene.SubscribeAsync(scene.Nodes[2], scene.Ada, "camera");
        Assert.Equal((scene.Ada.Id, scene.Bob.Id), (passing.Statistics.Source, subscription.Statistics.Source));
        for (var i = 1; i < 50; i++) { track.Write([(byte)(48 + i)], startsGroup: i % 7 == 0); }

        foreach (var one in new[] { passing, subscription })
        {
            var read = await scene.ReadAsync(one, 50);
            Assert.Equal(Enumerable.Range(48, 50), read.Select(static item => (int)item.Data.Span[0]));
            Assert.Equal(0, read.Sum(static item => item.Lost));
        }
        Assert.Single(stream.Subscribers);
        Assert.Equal(1, passing.Statistics.Rebroadcasts);
    }

    [Fact]
    public async Task Where_nobody_passes_it_on_and_no_copy_is_left_that_is_said()
    {
        await using var scene = await StartAsync(3);
        await using var stream = await scene.Ada.Streams.PublishAsync("camera", new() { MaxCopies = 1 });
        await scene.SubscribeAsync(scene.Bob, scene.Ada, "camera");
        var failure = await Assert.ThrowsAsync<CocoException>(() => scene.SubscribeAsync(scene.Nodes[2], scene.Ada, "camera"));
        Assert.Equal(CocoError.Overloaded, failure.Code);
    }

    [Fact]
    public async Task One_that_would_pass_it_on_takes_the_place_of_one_that_would_not_and_sends_to_it()
    {
        await using var scene = await StartAsync(3);
        await using var stream = await scene.Ada.Streams.PublishAsync("camera", new() { MaxCopies = 1 });
        var track = stream.AddTrack("video", Patient);
        var moved = await scene.SubscribeAsync(scene.Bob, scene.Ada, "camera", Quick);
        var passing = await scene.SubscribeAsync(scene.Nodes[2], scene.Ada, "camera", new() { Rebroadcasts = 1 });
        while (moved.Statistics.Source != scene.Nodes[2].Id) { await Task.Delay(10, scene.Patience); }

        track.Write("to both"u8);
        Assert.Equal("to both", TextOf((await scene.ReadAsync(moved, 1))[0]));
        Assert.Equal("to both", TextOf((await scene.ReadAsync(passing, 1))[0]));
        Assert.InRange(moved.Statistics.Changes, 1, int.MaxValue);
    }

    [Fact]
    public async Task One_that_passes_it_on_and_is_gone_is_replaced_and_the_stream_goes_on_at_the_newest_group()
    {
        await using var scene = await StartAsync(4);
        await using var stream = await scene.Ada.Streams.PublishAsync("camera", new() { MaxCopies = 2 });
        var track = stream.AddTrack("video", Patient);
        await scene.SubscribeAsync(scene.Nodes[1], scene.Ada, "camera", new() { Rebroadcasts = 4 });
        await scene.SubscribeAsync(scene.Nodes[2], scene.Ada, "camera", new() { Rebroadcasts = 2 });
        var subscription = await scene.SubscribeAsync(scene.Nodes[3], scene.Ada, "camera", Quick);
        Assert.Equal(scene.Nodes[1].Id, subscription.Statistics.Source);
        track.Write("first"u8);
        Assert.Equal("first", TextOf((await scene.ReadAsync(subscription, 1))[0]));

        await scene.Nodes[1].DisposeAsync();
        for (var i = 0; i < 5; i++) { track.Write("missed perhaps"u8, startsGroup: true); }
        track.Write("newest"u8, startsGroup: true);
        MediaObject item;
        do { item = (await scene.ReadAsync(subscription, 1))[0]; }
        while (TextOf(item) != "newest");
        Assert.Equal(6, item.Sequence);
        Assert.InRange(subscription.Statistics.Changes, 1, int.MaxValue);
        Assert.NotEqual(scene.Nodes[1].Id, subscription.Statistics.Source);
    }

    [Fact]
    public async Task The_policy_counts_where_a_stream_is_passed_on_too()
    {
        await using var scene = await StartAsync(3);
        await using var stream = await scene.Ada.Streams.PublishAsync("camera", new() { MaxCopies = 1 });
        await scene.SubscribeAsync(scene.Bob, scene.Ada, "camera", new() { Rebroadcasts = 2 });
        var subscription = await scene.SubscribeAsync(scene.Nodes[2], scene.Ada, "camera", Quick);
        await scene.SetPolicyAsync($"allow subscribe camera from user {scene.Bob.User}\n");
        var cut = await Assert.ThrowsAsync<CocoException>(() => scene.ReadAsync(subscription, 1));
        Assert.Equal(CocoError.Denied, cut.Code);
    }
}
