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
        Assert.Equal(0, a.Get(fromA).QueuedBytes);
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
