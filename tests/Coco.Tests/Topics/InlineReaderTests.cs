using Coco.Topics;

namespace Coco.Tests.Topics;

/// <summary>Readers that go on on the endpoint's own thread.</summary>
public sealed class InlineReaderTests
{
    private const int Count = 40;

    [Fact]
    public async Task A_reader_that_asked_for_it_goes_on_on_the_endpoints_own_thread_and_may_publish_there()
    {
        await using var scene = await TopicScene.OfAsync(2);
        await using var asked = await scene.Nodes[1].Topics.SubscribeAsync("home/ask", new() { InlineContinuations = true }, scene.Patience);
        await using var plain = await scene.Nodes[1].Topics.SubscribeAsync("home/ask", cancellationToken: scene.Patience);
        await using var answers = await scene.Nodes[0].Topics.SubscribeAsync("home/answer", cancellationToken: scene.Patience);

        var (inline, elsewhere) = (ReadAsync(asked, answers: true), ReadAsync(plain, answers: false));
        for (var i = 0; i < Count; i++)
        {
            await scene.Nodes[0].Topics.PublishAsync("home/ask", new[] { (byte)i }, cancellationToken: scene.Patience);
            Assert.Equal([(byte)i], Assert.Single(await scene.TakeAsync(answers, 1)).Data.ToArray());
        }

        Assert.InRange(await inline, 1, Count); // where another thread has the lock, which is so more often on a busy machine, it is the pool's
        Assert.Equal(0, await elsewhere);

        // How many messages the endpoint's thread brought.
        async Task<int> ReadAsync(TopicSubscription subscription, bool answers)
        {
            var (brought, taken) = (0, 0);
            await foreach (var message in subscription.ReadAllAsync(scene.Patience).ConfigureAwait(false))
            {
                if (Thread.CurrentThread.Name == "Coco endpoint") { brought++; }
                if (answers) { await scene.Nodes[1].Topics.PublishAsync("home/answer", message.Data, cancellationToken: scene.Patience).ConfigureAwait(false); }
                if (++taken == Count) { break; }
            }
            return brought;
        }
    }

    [Fact]
    public async Task Such_a_reader_gets_everything_in_order_however_much_comes_and_ends_with_its_subscription()
    {
        await using var scene = await TopicScene.OfAsync(2);
        var subscription = await scene.Nodes[1].Topics.SubscribeAsync("home/count", new() { InlineContinuations = true }, scene.Patience);
        var reading = scene.TakeAsync(subscription, int.MaxValue);

        const int Many = 20_000;
        var data = new byte[64];
        for (var i = 0; i < Many; i++)
        {
            BitConverter.TryWriteBytes(data, i);
            await scene.Nodes[0].Topics.PublishAsync("home/count", data, i == Many - 1 ? new() { Acknowledge = true } : null, scene.Patience);
        }
        await subscription.DisposeAsync();

        Assert.Equal(Enumerable.Range(0, Many), (await reading).Select(static message => BitConverter.ToInt32(message.Data.Span)));
        Assert.Equal(0, subscription.Missed);
    }
}
