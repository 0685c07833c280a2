using Coco.Topics;

namespace Coco.Tests.Topics;

/// <summary>Topics between real nodes.</summary>
public sealed class TopicTests
{
    [Fact]
    public async Task What_is_published_reaches_those_who_subscribe_and_nobody_else()
    {
        await using var scene = await TopicScene.OfAsync(3);
        await using var exact = await scene.Nodes[1].Topics.SubscribeAsync("home/kitchen/temperature", cancellationToken: scene.Patience);
        await using var wild = await scene.Nodes[2].Topics.SubscribeAsync("home/+/temperature", cancellationToken: scene.Patience);

        await scene.Nodes[0].Topics.PublishAsync("home/cellar/temperature", TopicScene.Bytes("11"), cancellationToken: scene.Patience);
        await scene.Nodes[0].Topics.PublishAsync("home/kitchen/temperature", TopicScene.Bytes("21"), cancellationToken: scene.Patience);

        var first = Assert.Single(await scene.TakeAsync(exact, 1));
        Assert.Equal(("home/kitchen/temperature", "21", scene.Nodes[0].Id, false), (first.Topic, TopicScene.Text(first), first.Publisher, first.IsRetained));
        Assert.Equal(["11", "21"], (await scene.TakeAsync(wild, 2)).Select(TopicScene.Text));
        Assert.InRange(first.Time, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task Messages_of_one_publisher_keep_their_order_and_none_is_missing()
    {
        await using var scene = await TopicScene.OfAsync(2);
        await using var subscription = await scene.Nodes[1].Topics.SubscribeAsync("home/#", cancellationToken: scene.Patience);

        const int Count = 20_000;
        var data = new byte[64];
        for (var i = 0; i < Count; i++)
        {
            BitConverter.TryWriteBytes(data, i);
            await scene.Nodes[0].Topics.PublishAsync("home/count", data, cancellationToken: scene.Patience);
        }

        var heard = await scene.TakeAsync(subscription, Count);
        Assert.Equal(Enumerable.Range(0, Count), heard.Select(static message => BitConverter.ToInt32(message.Data.Span)));
        Assert.Equal(0, subscription.Missed);
    }

    [Fact]
    public async Task A_node_hears_itself_unless_it_does_not_want_to()
    {
        await using var scene = await TopicScene.OfAsync(1);
        await using var own = await scene.Nodes[0].Topics.SubscribeAsync("home/a", cancellationToken: scene.Patience);
        await using var others = await scene.Nodes[0].Topics.SubscribeAsync("home/a", new() { Own = false }, scene.Patience);

        await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes("hello"), cancellationToken: scene.Patience);
        Assert.Equal("hello", TopicScene.Text(Assert.Single(await scene.TakeAsync(own, 1))));
        await others.DisposeAsync();

        Assert.Empty(await scene.TakeAsync(others, 1));
    }

    [Fact]
    public async Task After_the_end_of_a_subscription_nothing_more_comes()
    {
        await using var scene = await TopicScene.OfAsync(2);
        var first = await scene.Nodes[1].Topics.SubscribeAsync("home/a", cancellationToken: scene.Patience);
        await using var second = await scene.Nodes[1].Topics.SubscribeAsync("home/a", cancellationToken: scene.Patience);

        await first.DisposeAsync();
        await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes("x"), new() { Acknowledge = true }, scene.Patience);

        Assert.Empty(await scene.TakeAsync(first, 1));
        Assert.Equal("x", TopicScene.Text(Assert.Single(await scene.TakeAsync(second, 1))));
    }

    [Fact]
    public async Task An_acknowledged_message_is_with_the_subscribers_when_publishing_returns()
    {
        await using var scene = await TopicScene.OfAsync(3);
        await using var one = await scene.Nodes[1].Topics.SubscribeAsync("home/a", cancellationToken: scene.Patience);
        await using var two = await scene.Nodes[2].Topics.SubscribeAsync("home/#", cancellationToken: scene.Patience);

        await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes("1"), new() { Acknowledge = true }, scene.Patience);
        await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes("2"), new() { Acknowledge = true, Retain = true }, scene.Patience);

        using var now = new CancellationTokenSource();
        await using var reader = one.ReadAllAsync(now.Token).GetAsyncEnumerator(now.Token);
        var next = reader.MoveNextAsync();
        Assert.True(next.IsCompleted); // it was there already
        Assert.True(await next);
        Assert.Equal("1", TopicScene.Text(reader.Current));
        Assert.Equal(["1", "2"], (await scene.TakeAsync(two, 2)).Select(TopicScene.Text));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // which comes signed
    public async Task A_reader_that_says_itself_what_it_has_is_waited_for(bool isRetained)
    {
        await using var scene = await TopicScene.OfAsync(2);
        await using var reader = await scene.Nodes[1].Topics.SubscribeAsync("home/a", new() { Confirms = true }, scene.Patience);

        var publishing = scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes("1"), new() { Acknowledge = true, Retain = isRetained }, scene.Patience).AsTask();
        var taken = await scene.TakeAsync(reader, 1);
        await scene.Nodes[0].Topics.PublishAsync("home/b", TopicScene.Bytes("2"), new() { Acknowledge = true }, scene.Patience); // nobody's, and done at once
        Assert.False(publishing.IsCompleted);
        scene.Nodes[1].Topics.Confirm(taken);

        await publishing;
    }

    [Fact]
    public async Task A_full_subscription_makes_an_acknowledged_message_fail_and_says_what_it_missed()
    {
        await using var scene = await TopicScene.OfAsync(2, change: static options => options with { Topics = new() { AcknowledgeTimeout = TimeSpan.FromMilliseconds(300) } });
        await using var slow = await scene.Nodes[1].Topics.SubscribeAsync("home/a", new() { MaxQueued = 1 }, scene.Patience);
        var acknowledge = new PublishOptions { Acknowledge = true };
        for (var i = 0; i < 2; i++) { await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes($"{i}"), acknowledge, scene.Patience); }

        var failure = await Assert.ThrowsAsync<CocoException>(async () => await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes("2"), acknowledge, scene.Patience));

        Assert.Equal(CocoError.Unreachable, failure.Code);
        Assert.Equal(1, slow.Missed);
        Assert.Equal(["0", "1"], (await scene.TakeAsync(slow, 2)).Select(TopicScene.Text));
        await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes("3"), acknowledge, scene.Patience);
        var next = Assert.Single(await scene.TakeAsync(slow, 1));
        Assert.Equal(("3", 1), (TopicScene.Text(next), next.Missed));
    }

    [Fact]
    public async Task A_slow_subscription_slows_no_other_and_is_told_what_it_missed()
    {
        await using var scene = await TopicScene.OfAsync(2);
        await using var slow = await scene.Nodes[1].Topics.SubscribeAsync("home/a", new() { MaxQueued = 10, ReportMissed = true }, scene.Patience);
        await using var fast = await scene.Nodes[1].Topics.SubscribeAsync("home/a", cancellationToken: scene.Patience);

        for (var i = 0; i < 100; i++) { await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes($"{i}"), cancellationToken: scene.Patience); }

        Assert.Equal(100, (await scene.TakeAsync(fast, 100)).Count);
        var heard = await scene.TakeAsync(slow, 11);
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => $"{i}"), heard.Take(10).Select(TopicScene.Text));
        Assert.Equal((90, 0), (heard[10].Missed, heard[10].Data.Length));
    }

    [Fact]
    public async Task The_policy_decides_who_may_publish_and_who_may_subscribe()
    {
        await using var scene = await TopicScene.OfAsync(3, "allow publish home/open from anyone\nallow subscribe home/# from role owner\n");
        await using var owners = await scene.Nodes[0].Topics.SubscribeAsync("home/#", cancellationToken: scene.Patience);
        await using var guests = await scene.Nodes[1].Topics.SubscribeAsync("home/#", cancellationToken: scene.Patience);

        await scene.Nodes[2].Topics.PublishAsync("home/open", TopicScene.Bytes("guest"), cancellationToken: scene.Patience);
        Assert.Equal("guest", TopicScene.Text(Assert.Single(await scene.TakeAsync(owners, 1))));
        var failure = await Assert.ThrowsAsync<CocoException>(async () => await scene.Nodes[2].Topics.PublishAsync("home/shut", TopicScene.Bytes("no"), cancellationToken: scene.Patience));
        Assert.Equal(CocoError.Denied, failure.Code);

        await scene.AllowAsync("allow publish home/# from anyone\nallow subscribe home/# from anyone\n");
        await scene.Nodes[2].Topics.PublishAsync("home/shut", TopicScene.Bytes("now"), new() { Acknowledge = true }, scene.Patience);
        Assert.Equal("now", TopicScene.Text(Assert.Single(await scene.TakeAsync(guests, 1))));
    }

    [Fact]
    public async Task A_policy_that_is_seen_is_gone_by()
    {
        await using var scene = await TopicScene.OfAsync(3);
        await using var guests = await scene.Nodes[1].Topics.SubscribeAsync("home/#", cancellationToken: scene.Patience);
        for (var i = 0; i < 20; i++)
        {
            await scene.AllowAsync("allow subscribe home/# from anyone\n");
            var failure = await Assert.ThrowsAsync<CocoException>(async () => await scene.Nodes[2].Topics.PublishAsync("home/a", TopicScene.Bytes("no"), cancellationToken: scene.Patience));
            Assert.Equal(CocoError.Denied, failure.Code);

            await scene.AllowAsync("allow publish home/# from anyone\nallow subscribe home/# from anyone\n");
            await scene.Nodes[2].Topics.PublishAsync("home/a", new[] { (byte)i }, new() { Acknowledge = true }, scene.Patience);
            Assert.Equal([(byte)i], Assert.Single(await scene.TakeAsync(guests, 1)).Data.ToArray());
        }
    }

    [Fact]
    public async Task A_retained_value_comes_first_to_whoever_subscribes_later()
    {
        await using var scene = await TopicScene.OfAsync(3);
        await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes("old"), new() { Retain = true }, scene.Patience);
        await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes("new"), new() { Retain = true }, scene.Patience);

        await using var late = await scene.Nodes[1].Topics.SubscribeAsync("home/#", cancellationToken: scene.Patience);
        var value = Assert.Single(await scene.TakeAsync(late, 1));
        if (TopicScene.Text(value) == "old") { value = Assert.Single(await scene.TakeAsync(late, 1)); } // it kept that one for others, and the new one was on its way
        Assert.Equal(("new", true, scene.Nodes[0].Id), (TopicScene.Text(value), value.IsRetained, value.Publisher));

        await using var again = await scene.Nodes[1].Topics.SubscribeAsync("home/a", cancellationToken: scene.Patience);
        Assert.Equal("new", TopicScene.Text(Assert.Single(await scene.TakeAsync(again, 1))));
    }

    [Fact]
    public async Task A_retained_value_reaches_a_subscription_once()
    {
        await using var scene = await TopicScene.OfAsync(2); // each keeps every value
        await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes("1"), new() { Retain = true }, scene.Patience);
        await using var subscription = await scene.Nodes[1].Topics.SubscribeAsync("home/#", cancellationToken: scene.Patience);
        await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes("2"), new() { Retain = true, Acknowledge = true }, scene.Patience);
        await scene.Nodes[0].Topics.PublishAsync("home/b", TopicScene.Bytes("3"), new() { Retain = true, Acknowledge = true }, scene.Patience);
        await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes("end"), new() { Acknowledge = true }, scene.Patience);

        var heard = await scene.TakeAsync(subscription, 4);
        Assert.Equal([("1", true), ("2", false), ("3", false), ("end", false)], heard.Select(static message => (TopicScene.Text(message), message.IsRetained)));
    }

    [Fact]
    public async Task A_retained_value_outlives_its_publisher()
    {
        await using var scene = await TopicScene.OfAsync(4);
        await scene.Nodes[1].Topics.PublishAsync("home/a", TopicScene.Bytes("kept"), new() { Retain = true }, scene.Patience);
        await using var heard = await scene.Nodes[0].Topics.SubscribeAsync("home/a", cancellationToken: scene.Patience);
        Assert.Single(await scene.TakeAsync(heard, 1));

        await scene.Nodes[1].DisposeAsync();
        Node[] left = [scene.Nodes[0], scene.Nodes[2], scene.Nodes[3]];
        await Task.WhenAll(left.Select(node => node.WaitForAsync(one => one.Peers.Count(peer => peer.IsReachable) == 2, scene.Patience)));

        foreach (var node in left)
        {
            await using var late = await node.Topics.SubscribeAsync("home/+", cancellationToken: scene.Patience);
            Assert.Equal("kept", TopicScene.Text(Assert.Single(await scene.TakeAsync(late, 1))));
        }
    }

    [Fact]
    public void Who_asks_for_history_by_time_gets_what_is_younger_and_by_both_whatever_is_less()
    {
        var world = new TopicSimulation(seed: 91, loss: 0);
        for (var i = 0; i < 5; i++) { world.Add(); }
        world.Refresh();
        world.RunUntil(TimeSpan.FromSeconds(5));
        for (var number = 1; number <= 10; number++)
        {
            world.RunUntil(TimeSpan.FromSeconds(10 * number));
            world.Nodes[0].Publish("home/a", number);
        }
        world.RunUntil(TimeSpan.FromSeconds(104));

        world.Nodes[1].Subscribe("home/a", new() { HistoryTime = TimeSpan.FromSeconds(35) }); // since 69 s
        world.Nodes[2].Subscribe("home/+", new() { HistoryTime = TimeSpan.FromSeconds(35), HistoryCount = 2 });
        world.Nodes[3].Subscribe("home/#", new() { HistoryTime = TimeSpan.FromSeconds(15), HistoryCount = 100 });
        world.Nodes[4].Subscribe("home/a");
        world.RunUntil(TimeSpan.FromSeconds(110));
        world.Nodes[0].Publish("home/a", 11);
        world.RunUntil(TimeSpan.FromSeconds(115));

        Assert.Equal([7, 8, 9, 10, 11], world.Nodes[1].Inbox.Heard.Keys.Order());
        Assert.Equal([9, 10, 11], world.Nodes[2].Inbox.Heard.Keys.Order());
        Assert.Equal([9, 10, 11], world.Nodes[3].Inbox.Heard.Keys.Order());
        Assert.Equal([11], world.Nodes[4].Inbox.Heard.Keys.Order());
    }

    [Fact]
    public async Task Who_asks_for_history_gets_the_last_messages_and_then_what_is_new()
    {
        await using var scene = await TopicScene.OfAsync(2);
        for (var i = 0; i < 10; i++) { await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes($"{i}"), cancellationToken: scene.Patience); }

        await using var late = await scene.Nodes[1].Topics.SubscribeAsync("home/a", new() { HistoryCount = 3 }, scene.Patience);
        await scene.Nodes[0].Topics.PublishAsync("home/a", TopicScene.Bytes("10"), new() { Acknowledge = true }, scene.Patience);

        Assert.Equal(["7", "8", "9", "10"], (await scene.TakeAsync(late, 4)).Select(TopicScene.Text));
    }
}
