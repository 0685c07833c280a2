using Coco.Messages;
using static Coco.Tests.Messages.MessageScene;

namespace Coco.Tests.Messages;

public sealed class ReceiptTests
{
    [Fact]
    public async Task Receipts_come_also_of_messages_that_an_earlier_life_sent()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync();
        var bobId = bob.Id;
        await bob.DisposeAsync();
        await scene.WaitUntilGoneAsync(ada, bobId);
        var sent = await ada.Messages.SendAsync(bobId, Bytes("hello"), null, scene.Patience);
        await ada.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => sent.Delivered);

        ada = await scene.StartAgainAsync("ada");
        Assert.Equal(1, ada.Messages.Queued[bobId]);
        await using var receipts = ada.Messages.WatchReceiptsAsync(scene.Patience).GetAsyncEnumerator(scene.Patience);
        var next = receipts.MoveNextAsync();
        await scene.StartAgainAsync("bob");

        Assert.True(await next);
        Assert.Equal((sent.Id, bobId, ReceiptStatus.Delivered), (receipts.Current.Id, receipts.Current.To, receipts.Current.Status));
        Assert.Empty(ada.Messages.Queued);
    }
}
