using Coco.Messages;
using Coco.Tests.Networks;
using static Coco.Tests.Messages.MessageScene;

namespace Coco.Tests.Messages;

public sealed class MessageTests
{
    [Fact]
    public async Task A_message_arrives_with_what_it_was_sent_with_and_its_receipt_says_so()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();

        var sent = await ada.Messages.SendAsync(bob.Id, Bytes("hello"), new() { Subject = "greeting" }, scene.Patience);
        var got = Assert.Single(await scene.TakeAsync(bob, 1));

        Assert.Equal((sent.Id, ada.Id, "greeting", "hello", false), (got.Id, got.From, got.Subject, Text(got), got.IsRedelivered));
        Assert.InRange((got.SentAt - sent.SentAt).Duration(), TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        var receipt = await sent.Delivered.WaitAsync(scene.Patience);
        Assert.Equal((sent.Id, bob.Id, ReceiptStatus.Delivered), (receipt.Id, receipt.To, receipt.Status));
    }

    [Fact]
    public async Task Nodes_without_stores_send_too()
    {
        await using var network = new TestNetwork();
        var nodes = await network.OfAsync(2);

        var sent = await nodes[0].Messages.SendAsync(nodes[1].Id, Bytes("hello"), null, network.Patience);

        await foreach (var message in nodes[1].Messages.ReceiveAsync(cancellationToken: network.Patience))
        {
            Assert.Equal("hello", Text(message));
            await message.CompleteAsync();
            break;
        }
        Assert.Equal(ReceiptStatus.Delivered, (await sent.Delivered.WaitAsync(network.Patience)).Status);
    }

    [Fact]
    public async Task Thousands_arrive_in_order_both_ways_and_none_twice()
    {
        const int Count = 5000;
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();

        async Task SendAsync(Node from, Node to)
        {
            var sending = Enumerable.Range(0, Count).Select(i => from.Messages.SendAsync(to.Id, Bytes($"{i}"), null, scene.Patience)).ToArray();
            foreach (var sent in sending) { await (await sent).Delivered.WaitAsync(scene.Patience); }
        }
        async Task HearAsync(Node node)
        {
            var next = 0;
            await foreach (var message in node.Messages.ReceiveAsync(cancellationToken: scene.Patience))
            {
                Assert.Equal($"{next++}", Text(message));
                message.Complete();
                if (next == Count) { break; }
            }
        }
        await Task.WhenAll(SendAsync(ada, bob), SendAsync(bob, ada), HearAsync(ada), HearAsync(bob));

        using var noMore = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var more in bob.Messages.ReceiveAsync(cancellationToken: noMore.Token)) { Assert.Fail($"{more.Id} came twice"); }
        });
    }

    [Fact]
    public async Task The_largest_message_arrives_and_a_larger_one_is_refused()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();
        var data = new byte[16 << 20];
        new Random(1).NextBytes(data);

        await ada.Messages.SendAsync(bob.Id, data, null, scene.Patience);
        var got = Assert.Single(await scene.TakeAsync(bob, 1));

        Assert.True(got.Data.Span.SequenceEqual(data));
        var refused = await Assert.ThrowsAsync<CocoException>(() => ada.Messages.SendAsync(bob.Id, new byte[data.Length + 1], null, scene.Patience));
        Assert.Equal(CocoError.Invalid, refused.Code);
    }

    [Fact]
    public async Task What_waits_for_an_absent_node_survives_restarts_of_the_sender_and_arrives_in_order()
    {
        const int Count = 500;
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();
        var bobId = bob.Id;
        await bob.DisposeAsync();
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => ada.Messages.SendAsync(bobId, Bytes($"{i}"), null, scene.Patience)));
        await ada.DisposeAsync();

        ada = await scene.StartAgainAsync("ada");
        await ada.Messages.SendAsync(bobId, Bytes($"{Count}"), null, scene.Patience);
        bob = await scene.StartAgainAsync("bob");
        var got = await scene.TakeAsync(bob, Count + 1);

        Assert.Equal(Enumerable.Range(0, Count + 1).Select(static i => $"{i}"), got.Select(Text));
        Assert.All(got, static message => Assert.False(message.IsRedelivered));
    }

    [Fact]
    public async Task What_was_handed_out_and_not_completed_is_handed_out_again_after_a_restart_and_says_so()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();
        for (var i = 0; i < 3; i++) { await ada.Messages.SendAsync(bob.Id, Bytes($"{i}"), null, scene.Patience); }
        var first = await scene.TakeAsync(bob, 2, complete: false);
        await first[0].CompleteAsync();
        await bob.DisposeAsync();

        bob = await scene.StartAgainAsync("bob");
        var again = await scene.TakeAsync(bob, 2);

        Assert.Equal(["1", "2"], again.Select(Text));
        Assert.Equal((first[1].Id, true), (again[0].Id, again[0].IsRedelivered));
        await bob.DisposeAsync();
        bob = await scene.StartAgainAsync("bob");
        await ada.Messages.SendAsync(bob.Id, Bytes("3"), null, scene.Patience);
        Assert.Equal("3", Text(Assert.Single(await scene.TakeAsync(bob, 1)))); // nothing that was completed comes before it
    }

    [Fact]
    public async Task An_enumeration_that_ends_gives_back_what_it_did_not_complete()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();
        for (var i = 0; i < 3; i++) { await ada.Messages.SendAsync(bob.Id, Bytes($"{i}"), null, scene.Patience); }

        var first = Assert.Single(await scene.TakeAsync(bob, 1, complete: false));
        var again = await scene.TakeAsync(bob, 3);

        Assert.False(first.IsCompleted && !again[0].IsRedelivered);
        Assert.Equal(["0", "1", "2"], again.Select(Text));
        Assert.Equal([true, false, false], again.Select(static message => message.IsRedelivered));
    }

    [Fact]
    public async Task Subjects_go_to_those_who_ask_for_them_and_the_rest_to_those_who_ask_for_none()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();
        var red = scene.TakeAsync(bob, 2, "red");
        foreach (var subject in new[] { "red", "blue", "red", "" }) { await ada.Messages.SendAsync(bob.Id, Bytes(subject), new() { Subject = subject }, scene.Patience); }

        Assert.Equal(["red", "red"], (await red).Select(Text));
        Assert.Equal(["blue", ""], (await scene.TakeAsync(bob, 2)).Select(Text));
    }

    [Fact]
    public async Task A_message_whose_time_is_over_is_not_delivered_and_its_receipt_says_so()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();
        var bobId = bob.Id;
        await bob.DisposeAsync();
        await scene.WaitUntilGoneAsync(ada, bobId);
        var late = await ada.Messages.SendAsync(bobId, Bytes("late"), new() { TimeToLive = TimeSpan.FromSeconds(1) }, scene.Patience);
        var lasting = await ada.Messages.SendAsync(bobId, Bytes("lasting"), null, scene.Patience);

        Assert.Equal(ReceiptStatus.Expired, (await late.Delivered.WaitAsync(scene.Patience)).Status);
        bob = await scene.StartAgainAsync("bob");

        Assert.Equal("lasting", Text(Assert.Single(await scene.TakeAsync(bob, 1))));
        Assert.Equal(ReceiptStatus.Delivered, (await lasting.Delivered.WaitAsync(scene.Patience)).Status);
    }

    [Fact]
    public async Task A_queue_that_is_full_refuses_and_keeps_what_it_has()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync(new() { MaxQueued = 3 });
        var bobId = bob.Id;
        await bob.DisposeAsync();
        await scene.WaitUntilGoneAsync(ada, bobId);
        for (var i = 0; i < 3; i++) { await ada.Messages.SendAsync(bobId, Bytes($"{i}"), null, scene.Patience); }

        var refused = await Assert.ThrowsAsync<CocoException>(() => ada.Messages.SendAsync(bobId, Bytes("3"), null, scene.Patience));

        Assert.Equal(CocoError.Overloaded, refused.Code);
        bob = await scene.StartAgainAsync("bob");
        Assert.Equal(["0", "1", "2"], (await scene.TakeAsync(bob, 3)).Select(Text));
    }

    [Fact]
    public async Task A_receiver_with_a_full_inbox_makes_the_sender_wait_and_loses_nothing()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync(new() { MaxReceived = 10 });
        var sent = await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => ada.Messages.SendAsync(bob.Id, new byte[1000], null, scene.Patience)));
        await sent[0].Delivered.WaitAsync(scene.Patience);

        var got = await scene.TakeAsync(bob, 2000);

        Assert.Equal(sent.Select(static message => message.Id), got.Select(static message => message.Id));
        await sent[^1].Delivered.WaitAsync(scene.Patience);
    }
}
