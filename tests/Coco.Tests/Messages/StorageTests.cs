using Coco.Messages;
using static Coco.Tests.Messages.MessageScene;

namespace Coco.Tests.Messages;

public sealed class StorageTests
{
    private const int NoSpace = 28; // ENOSPC

    [Fact]
    public async Task A_full_disk_of_the_senders_is_an_error_that_says_so_and_what_was_sent_before_arrives()
    {
        await using var scene = new MessageScene();
        var isFull = false;
        var (ada, bob) = await scene.TwoAsync(new() { BeforeWrite = _ => { if (Volatile.Read(ref isFull)) { throw new IOException("No space left on device", NoSpace); } } });
        var bobId = bob.Id;
        await bob.DisposeAsync();
        await scene.WaitUntilGoneAsync(ada, bobId);
        await ada.Messages.SendAsync(bobId, Bytes("before"), null, scene.Patience);
        Volatile.Write(ref isFull, true);

        var failure = await Assert.ThrowsAsync<CocoException>(() => ada.Messages.SendAsync(bobId, Bytes("lost"), null, scene.Patience));

        Assert.Equal(CocoError.StoreFull, failure.Code);
        Assert.Contains("disk is full", failure.Message);
        Volatile.Write(ref isFull, false);
        await ada.Messages.SendAsync(bobId, Bytes("after"), null, scene.Patience);
        bob = await scene.StartAgainAsync("bob");
        Assert.Equal(["before", "after"], (await scene.TakeAsync(bob, 2)).Select(Text));
    }

    [Fact]
    public async Task A_full_disk_of_the_receivers_delays_and_loses_nothing_and_nothing_is_acknowledged_meanwhile()
    {
        await using var scene = new MessageScene();
        var isFull = false;
        var (ada, bob) = await scene.TwoAsync();
        await bob.DisposeAsync();
        bob = await scene.StartAgainAsync("bob", new() { BeforeWrite = _ => { if (Volatile.Read(ref isFull)) { throw new IOException("No space left on device", NoSpace); } } });
        await ada.Messages.SendAsync(bob.Id, Bytes("0"), null, scene.Patience);
        Assert.Single(await scene.TakeAsync(bob, 1));
        Volatile.Write(ref isFull, true);
        var sent = new List<SentMessage>();
        for (var i = 1; i <= 100; i++) { sent.Add(await ada.Messages.SendAsync(bob.Id, Bytes($"{i}"), null, scene.Patience)); }
        await Task.Delay(300, scene.Patience); // nothing to wait for: it is that nothing happens
        Assert.All(sent, static message => Assert.Equal(ReceiptStatus.Queued, message.Status));

        Volatile.Write(ref isFull, false);

        Assert.Equal(sent.Select(static message => message.Id), (await scene.TakeAsync(bob, 100)).Select(static message => message.Id));
        await sent[^1].Delivered.WaitAsync(scene.Patience);
    }

    [Fact]
    public async Task The_log_stays_small_while_messages_come_and_go_and_one_waits()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();
        var late = await scene.TakeOneLateAsync(ada, bob);
        await using var other = bob.Messages.ReceiveAsync("", scene.Patience).GetAsyncEnumerator(scene.Patience);
        for (var round = 0; round < 12; round++)
        {
            var data = new byte[1 << 20];
            var sending = Enumerable.Range(0, 16).Select(_ => ada.Messages.SendAsync(bob.Id, data, null, scene.Patience)).ToArray();
            for (var i = 0; i < 16; i++)
            {
                Assert.True(await other.MoveNextAsync());
                await other.Current.CompleteAsync();
            }
            await Task.WhenAll(sending);
        }

        await bob.DisposeAsync();
        Assert.InRange(Directory.GetFiles(scene.PathOf("bob") + ".messages").Sum(static file => new FileInfo(file).Length), 1, 100 << 20);
        bob = await scene.StartAgainAsync("bob");
        Assert.Equal(late, Assert.Single(await scene.TakeAsync(bob, 1, "late")).Id);
    }

    [Fact]
    public async Task Groups_and_tags_name_receivers()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync(mailbox: true);
        await ada.Messages.SetGroupAsync("friends", [bob.Id, scene.Hub.Id, ada.Id], scene.Patience);
        await ada.DisposeAsync();
        ada = await scene.StartAgainAsync("ada");
        await scene.Network.AllSeeAsync(scene.Hub, ada, bob);

        Assert.Equal(2, (await ada.Messages.SendToGroupAsync("friends", Bytes("to friends"), null, scene.Patience)).Count);
        Assert.Equal(scene.Hub.Id, Assert.Single(await ada.Messages.SendToGroupAsync("mailbox", Bytes("to the tagged"), null, scene.Patience)).To);

        Assert.Equal("to friends", Text(Assert.Single(await scene.TakeAsync(bob, 1))));
        Assert.Equal(["to friends", "to the tagged"], (await scene.TakeAsync(scene.Hub, 2)).Select(Text));
        Assert.Equal(CocoError.NotFound, (await Assert.ThrowsAsync<CocoException>(() => ada.Messages.SendToGroupAsync("nobody", Bytes("x"), null, scene.Patience))).Code);
    }
}
