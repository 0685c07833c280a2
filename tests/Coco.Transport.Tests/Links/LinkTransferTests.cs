using System.Collections.Concurrent;
using System.Threading.Channels;
using Coco.Transport.Links;
using Coco.Traversal.Links;

namespace Coco.Transport.Tests.Links;

/// <summary>What both kinds of link do once they are open.</summary>
public sealed class LinkTransferTests
{
    private static readonly int[] Sizes = [1, 2, 3, 125, 126, 127, 1200, 1452, 16_383, 16_384, 65_533, 65_534, 65_535];

    [Theory, InlineData(LinkKind.Tcp), InlineData(LinkKind.WebSocket)]
    public async Task Datagrams_of_every_size_arrive_whole_and_in_order_in_both_directions(LinkKind kind)
    {
        await using LinkEnd a = new(), b = new();
        var (fromA, fromB) = await LinkEnd.ConnectAsync(kind, a, b);
        var random = new Random(7);
        var datagrams = Enumerable.Range(0, 300).Select(i => Bytes(random, i < Sizes.Length ? Sizes[i] : random.Next(1, 4000))).ToArray();

        await Task.WhenAll(SendAllAsync(a, fromA, datagrams), SendAllAsync(b, fromB, datagrams), ExpectAsync(a, datagrams), ExpectAsync(b, datagrams));

        var sent = a.Get(fromA).Statistics;
        Assert.Equal((300, datagrams.Sum(static datagram => (long)datagram.Length)), (sent.DatagramsReceived, sent.BytesReceived));
    }

    [Theory, InlineData(LinkKind.Tcp), InlineData(LinkKind.WebSocket)]
    public async Task A_run_of_datagrams_is_sent_and_received_as_a_run(LinkKind kind)
    {
        await using LinkEnd a = new(), b = new();
        var (fromA, _) = await LinkEnd.ConnectAsync(kind, a, b);
        var run = Bytes(new Random(1), (10 * 1200) + 7);

        Assert.True(a.Set.TrySend(fromA, run, 1200));

        await ExpectAsync(b, [.. run.Chunk(1200)]);
    }

    [Theory, InlineData(LinkKind.Tcp), InlineData(LinkKind.WebSocket)]
    public async Task While_the_owner_holds_its_batches_the_link_reads_no_further_and_the_sender_is_refused(LinkKind kind)
    {
        await using LinkEnd a = new(), b = new();
        var (fromA, _) = await LinkEnd.ConnectAsync(kind, a, b);
        var held = Channel.CreateUnbounded<LinkBatch>();
        b.Sink.OnBatch = (_, batch) => Assert.True(held.Writer.TryWrite(batch));
        var sent = 0;
        var datagram = new byte[1200];
        for (var refused = 0; refused < 1000 || held.Reader.Count < 4;)
        {
            BitConverter.TryWriteBytes(datagram, sent);
            if (a.Set.TrySend(fromA, datagram, 1200)) { sent++; }
            else { refused++; }
            Assert.InRange(a.Get(fromA).QueuedBytes, 0, 256 << 10);
        }
        Assert.Equal(4, held.Reader.Count);
        Assert.InRange(a.Get(fromA).Statistics.DatagramsRefused, 1000, long.MaxValue);

        for (var expected = 0; expected < sent;)
        {
            using var batch = await held.Reader.ReadAsync().AsTask().WaitAsync(RecordingSink.Patience);
            foreach (var received in RecordingSink.Split(batch)) { Assert.Equal(expected++, BitConverter.ToInt32(received)); }
        }
    }

    [Theory, InlineData(LinkKind.Tcp), InlineData(LinkKind.WebSocket)]
    public async Task Who_stops_when_a_link_is_full_and_goes_on_when_told_loses_nothing(LinkKind kind)
    {
        const int Count = 4000, Size = 8192;
        await using LinkEnd a = new(), b = new();
        var (fromA, _) = await LinkEnd.ConnectAsync(kind, a, b);
        var (next, arrived) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        b.Sink.OnBatch = (_, batch) =>
        {
            foreach (var datagram in RecordingSink.Split(batch)) { Assert.Equal(next++, BitConverter.ToInt32(datagram)); }
            batch.Dispose();
            if (next == Count) { arrived.SetResult(); }
        };

        var (stops, sender) = (0, a.Get(fromA));
        for (var i = 0; i < Count; i++)
        {
            var datagram = new byte[Size];
            BitConverter.TryWriteBytes(datagram, i);
            Assert.True(a.Set.TrySend(fromA, datagram, Size, out var isFull));
            if (!isFull) { continue; }
            stops++;
            using var patience = new CancellationTokenSource(RecordingSink.Patience);
            Assert.Equal(fromA, await a.Sink.WritableLinks.ReadAsync(patience.Token));
        }

        await arrived.Task.WaitAsync(RecordingSink.Patience);
        Assert.InRange(stops, 100, Count);
        await sender.DisposeAsync(); // the last may be here before they are counted there
        Assert.Equal((Count, 0), (sender.Statistics.DatagramsSent, sender.Statistics.DatagramsRefused));
    }

    [Theory, InlineData(LinkKind.Tcp), InlineData(LinkKind.WebSocket)]
    public async Task What_a_relay_passes_on_leaves_room_for_what_is_its_own(LinkKind kind)
    {
        await using LinkEnd a = new(), b = new();
        var (fromA, _) = await LinkEnd.ConnectAsync(kind, a, b);
        var held = new ConcurrentQueue<LinkBatch>();
        b.Sink.OnBatch = (_, batch) => held.Enqueue(batch); // reads no further soon
        var link = a.Get(fromA);
        var run = new byte[12_000];
        var options = new LinkOptions();
        while (held.Count < options.ReceiveBatches || a.Set.TryForward(fromA, run, 1200) || link.QueuedBytes < options.ForwardMark - run.Length)
        {
            a.Set.TryForward(fromA, run, 1200);
        }

        Assert.InRange(link.QueuedBytes, 1, options.ForwardMark);
        Assert.True(a.Set.TrySend(fromA, run, 1200, out _));
        foreach (var batch in held) { batch.Dispose(); }
    }

    [Theory, InlineData(LinkKind.Tcp), InlineData(LinkKind.WebSocket)]
    public async Task What_was_queued_before_closing_still_arrives_and_both_ends_hear_of_it(LinkKind kind)
    {
        await using LinkEnd a = new(), b = new();
        var (fromA, _) = await LinkEnd.ConnectAsync(kind, a, b);
        var last = Enumerable.Range(0, 50).Select(i => Bytes(new Random(i), 1200)).ToArray();
        foreach (var datagram in last) { Assert.True(a.Set.TrySend(fromA, datagram, 1200)); }

        a.Set.Close(fromA);

        await ExpectAsync(b, last);
        Assert.Equal(LinkFailure.Closed, (await b.Sink.NextAsync<LinkEvent.Closed>()).Reason);
        Assert.Equal(LinkFailure.Closed, (await a.Sink.NextAsync<LinkEvent.Closed>()).Reason);
        Assert.False(a.Set.TrySend(fromA, new byte[1], 1));
        Assert.Equal((0, 0), (a.Set.Count, b.Set.Count));
    }

    [Theory, InlineData(LinkKind.Tcp), InlineData(LinkKind.WebSocket)]
    public async Task Disposing_while_both_ends_send_ends_both(LinkKind kind)
    {
        await using LinkEnd a = new(), b = new();
        var (fromA, fromB) = await LinkEnd.ConnectAsync(kind, a, b);
        a.Sink.OnBatch = b.Sink.OnBatch = static (_, batch) => batch.Dispose();
        var sending = Task.WhenAll(Task.Run(() => SendWhileOpen(a, fromA)), Task.Run(() => SendWhileOpen(b, fromB)));
        while (a.Get(fromA).Statistics.DatagramsReceived < 100) { await Task.Yield(); }

        await a.DisposeAsync().AsTask().WaitAsync(RecordingSink.Patience);

        await sending.WaitAsync(RecordingSink.Patience);
        Assert.Equal(LinkFailure.Closed, (await a.Sink.NextAsync<LinkEvent.Closed>()).Reason);
        await b.Sink.NextAsync<LinkEvent.Closed>();
    }

    [Theory, InlineData(LinkKind.Tcp), InlineData(LinkKind.WebSocket)]
    public async Task Closing_does_not_wait_longer_than_a_moment_for_an_end_that_does_not_read(LinkKind kind)
    {
        var time = new ManualTime();
        await using LinkEnd a = new(time: time), b = new();
        var (fromA, _) = await LinkEnd.ConnectAsync(kind, a, b);
        var held = new ConcurrentQueue<LinkBatch>();
        b.Sink.OnBatch = (_, batch) => held.Enqueue(batch);
        while (held.Count < 4) { a.Set.TrySend(fromA, new byte[1200], 1200); }

        a.Set.Close(fromA);
        Assert.Equal(1, a.Set.Count);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(LinkFailure.Closed, (await a.Sink.NextAsync<LinkEvent.Closed>()).Reason);
        foreach (var batch in held) { batch.Dispose(); }
    }

    private static void SendWhileOpen(LinkEnd end, Link link)
    {
        while (end.Set.TryGet(link, out _)) { end.Set.TrySend(link, new byte[12_000], 1200); }
    }

    private static async Task SendAllAsync(LinkEnd end, Link link, byte[][] datagrams)
    {
        foreach (var datagram in datagrams) { await end.SendAsync(link, datagram); }
    }

    private static async Task ExpectAsync(LinkEnd end, byte[][] datagrams)
    {
        foreach (var datagram in datagrams) { Assert.Equal(datagram, (await end.Sink.NextAsync<LinkEvent.Received>()).Datagram); }
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
