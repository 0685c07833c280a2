using Coco.Topics;

namespace Coco.Tests.Topics;

/// <summary>Readers go on on the endpoint's own thread, and whatever they do there, others have no harm.</summary>
public sealed class ReaderThreadTests
{
    private const int Count = 100;

    [Fact]
    public async Task A_reader_goes_on_on_the_endpoints_own_thread_and_may_publish_there()
    {
        await using var scene = await TopicScene.OfAsync(2);
        await using var asked = await scene.Nodes[1].Topics.SubscribeAsync("home/ask", cancellationToken: scene.Patience);
        await using var answers = await scene.Nodes[0].Topics.SubscribeAsync("home/answer", cancellationToken: scene.Patience);

        var reading = ReadAsync();
        for (var i = 0; i < Count; i++)
        {
            await scene.Nodes[0].Topics.PublishAsync("home/ask", new[] { (byte)i }, cancellationToken: scene.Patience);
            Assert.Equal([(byte)i], Assert.Single(await scene.TakeAsync(answers, 1)).Data.ToArray());
        }
        Assert.InRange(await reading, 1, Count); // where another thread has the lock, which is so more often on a busy machine, it is the pool's

        // How many messages the endpoint's thread brought.
        async Task<int> ReadAsync()
        {
            var (brought, taken) = (0, 0);
            await foreach (var message in asked.ReadAllAsync(scene.Patience).ConfigureAwait(false))
            {
                if (Thread.CurrentThread.Name == "Coco endpoint") { brought++; }
                await scene.Nodes[1].Topics.PublishAsync("home/answer", message.Data, cancellationToken: scene.Patience).ConfigureAwait(false);
                if (++taken == Count) { break; }
            }
            return brought;
        }
    }

    [Fact]
    public async Task A_reader_gets_everything_in_order_however_much_comes_and_ends_with_its_subscription()
    {
        await using var scene = await TopicScene.OfAsync(2);
        var subscription = await scene.Nodes[1].Topics.SubscribeAsync("home/count", cancellationToken: scene.Patience);
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

    [Fact]
    public async Task A_reader_that_blocks_holds_up_nothing_else_of_its_endpoint()
    {
        await using var scene = await TopicScene.OfAsync(2);
        await using var blocked = await scene.Nodes[1].Topics.SubscribeAsync("home/blocked", cancellationToken: scene.Patience);
        await using var other = await scene.Nodes[1].Topics.SubscribeAsync("home/other", cancellationToken: scene.Patience);
        using var mayGoOn = new ManualResetEventSlim();
        var blocks = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = ReadAsync();
        do { await scene.Nodes[0].Topics.PublishAsync("home/blocked", new byte[1], cancellationToken: scene.Patience); }
        while (await Task.WhenAny(blocks.Task, Task.Delay(20, scene.Patience)) != blocks.Task);

        var calls = CallAsync();
        for (var i = 0; i < Count; i++)
        {
            await scene.Nodes[0].Topics.PublishAsync("home/other", new[] { (byte)i }, cancellationToken: scene.Patience);
            Assert.Equal([(byte)i], Assert.Single(await scene.TakeAsync(other, 1)).Data.ToArray());
        }
        await calls;
        Assert.False(reading.IsCompleted);
        mayGoOn.Set();
        await reading.WaitAsync(scene.Patience);

        async Task CallAsync()
        {
            for (var i = 0; i < 5; i++) { await scene.Network.ExchangeAsync(scene.Nodes[0], scene.Nodes[1]); }
        }

        // Until it blocks where it would hold up everybody.
        async Task ReadAsync()
        {
            await foreach (var _ in blocked.ReadAllAsync(scene.Patience).ConfigureAwait(false))
            {
                if (Thread.CurrentThread.Name != "Coco endpoint") { continue; }
                blocks.TrySetResult(true);
                mayGoOn.Wait(scene.Patience);
                return;
            }
        }
    }

    [Fact]
    public async Task A_reader_may_wait_blocking_for_what_its_own_node_does()
    {
        await using var scene = await TopicScene.OfAsync(2);
        await using var asked = await scene.Nodes[1].Topics.SubscribeAsync("home/ask", cancellationToken: scene.Patience);
        await using var echoed = await scene.Nodes[0].Topics.SubscribeAsync("home/echo", cancellationToken: scene.Patience);
        var blockedThere = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (reading, taking) = (ReadAsync(), scene.TakeAsync(echoed, 1));
        while (!blockedThere.Task.IsCompleted)
        {
            await scene.Nodes[0].Topics.PublishAsync("home/ask", new byte[1], cancellationToken: scene.Patience);
            await Task.WhenAny(blockedThere.Task, Task.Delay(20, scene.Patience));
        }
        await reading.WaitAsync(scene.Patience);
        await taking;

        async Task ReadAsync()
        {
            await foreach (var message in asked.ReadAllAsync(scene.Patience).ConfigureAwait(false))
            {
                if (Thread.CurrentThread.Name != "Coco endpoint") { continue; }
                // To the other node and back, each.
                scene.Nodes[1].Topics.PublishAsync("home/echo", message.Data, new() { Acknowledge = true }, scene.Patience).AsTask().Wait(scene.Patience);
                scene.Nodes[1].ConnectAsync(scene.Nodes[0].Id, scene.Patience).GetAwaiter().GetResult().DisposeAsync().AsTask().Wait(scene.Patience);
                blockedThere.TrySetResult();
                return;
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reader_may_end_its_own_node(bool blocks)
    {
        await using var scene = await TopicScene.OfAsync(2);
        var subscription = await scene.Nodes[1].Topics.SubscribeAsync("home/end", cancellationToken: scene.Patience);
        var ending = EndAsync();
        while (!ending.IsCompleted)
        {
            await scene.Nodes[0].Topics.PublishAsync("home/end", new byte[1], cancellationToken: scene.Patience);
            await Task.WhenAny(ending, Task.Delay(5, scene.Patience));
        }
        await ending;

        async Task EndAsync()
        {
            await foreach (var _ in subscription.ReadAllAsync(scene.Patience).ConfigureAwait(false))
            {
                if (Thread.CurrentThread.Name != "Coco endpoint") { continue; }
                var end = scene.Nodes[1].DisposeAsync().AsTask();
                if (blocks) { end.Wait(scene.Patience); }
                else { await end.WaitAsync(scene.Patience).ConfigureAwait(false); }
                return;
            }
        }
    }

    [Fact]
    public async Task What_a_reader_leaves_in_its_context_another_does_not_find()
    {
        await using var scene = await TopicScene.OfAsync(2);
        await using var one = await scene.Nodes[1].Topics.SubscribeAsync("home/one", cancellationToken: scene.Patience);
        await using var two = await scene.Nodes[1].Topics.SubscribeAsync("home/two", cancellationToken: scene.Patience);
        var local = new AsyncLocal<string> { Value = "of the test" };
        var readings = new[] { ReadAsync(one, "of one"), ReadAsync(two, "of two") };
        for (var i = 0; i < Count; i++)
        {
            await scene.Nodes[0].Topics.PublishAsync("home/one", new byte[1], cancellationToken: scene.Patience);
            await scene.Nodes[0].Topics.PublishAsync("home/two", new byte[1], cancellationToken: scene.Patience);
        }
        await Task.WhenAll(readings).WaitAsync(scene.Patience);
        Assert.Equal("of the test", local.Value);

        async Task ReadAsync(TopicSubscription subscription, string mine)
        {
            var taken = 0;
            local.Value = mine;
            await foreach (var _ in subscription.ReadAllAsync(scene.Patience).ConfigureAwait(false))
            {
                Assert.Equal(mine, local.Value);
                if (++taken == Count) { return; }
            }
        }
    }
}
