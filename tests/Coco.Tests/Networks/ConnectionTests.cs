namespace Coco.Tests.Networks;

public sealed class ConnectionTests
{
    [Fact]
    public async Task Connections_of_one_pair_are_apart()
    {
        await using var network = new TestNetwork();
        var nodes = await network.OfAsync(2);
        await using var one = await nodes[0].ConnectAsync(nodes[1].Id, network.Patience);
        await using var other = await nodes[0].ConnectAsync(nodes[1].Id, network.Patience);
        await using var first = await one.OpenStreamAsync(cancellationToken: network.Patience);
        await network.SayAsync(first, "one");
        await using var oneThere = await nodes[1].AcceptAsync(network.Patience);
        await using var second = await other.OpenStreamAsync(cancellationToken: network.Patience);
        await network.SayAsync(second, "other");
        await using var otherThere = await nodes[1].AcceptAsync(network.Patience);

        await other.CloseAsync(7, network.Patience);
        await using var arrived = await otherThere.AcceptStreamAsync(network.Patience);
        Assert.Equal("other", await network.HearAsync(arrived)); // what was sent before the end is not lost
        var over = await Assert.ThrowsAsync<CocoException>(() => otherThere.AcceptStreamAsync(network.Patience).AsTask());

        Assert.Equal(CocoError.ConnectionClosed, over.Code);
        Assert.False(one.Closed.IsCompleted);
        Assert.True(one.TrySendDatagram("hi"u8));
        var buffer = new byte[16];
        Assert.Equal(2, await oneThere.ReceiveDatagramAsync(buffer, network.Patience));
        Assert.Equal("hi"u8, buffer.AsSpan(0, 2));
    }

    [Fact]
    public async Task Both_may_open_streams_on_a_connection()
    {
        await using var network = new TestNetwork();
        var nodes = await network.OfAsync(2);
        await using var call = await nodes[0].ConnectAsync("node1", network.Patience);
        await using var first = await call.OpenStreamAsync(bidirectional: false, network.Patience);
        await network.SayAsync(first, "call");
        await using var there = await nodes[1].AcceptAsync(network.Patience);

        await using var back = await there.OpenStreamAsync(bidirectional: false, network.Patience);
        await network.SayAsync(back, "recall");

        await using var heard = await call.AcceptStreamAsync(network.Patience);
        Assert.Equal("recall", await network.HearAsync(heard));
        Assert.NotNull(call.ActivePath);
        Assert.Equal(Coco.Transport.PathType.Udp, Assert.Single(nodes[0].Peers).PathType);
    }

    [Fact]
    public async Task A_member_that_left_is_unreachable_and_its_connections_are_over()
    {
        await using var network = new TestNetwork();
        var nodes = await network.OfAsync(2);
        await using var call = await nodes[0].ConnectAsync("node1", network.Patience);

        await nodes[1].DisposeAsync();

        await call.Closed.WaitAsync(network.Patience);
        await nodes[0].WaitForAsync(static node => !node.Peers[0].IsReachable, network.Patience);
        var failure = await Assert.ThrowsAsync<CocoException>(() => nodes[0].ConnectAsync("node1", network.Patience));
        Assert.Equal(CocoError.Unreachable, failure.Code);
        Assert.True(failure.IsTransient);
    }

    [Fact]
    public async Task One_whose_peer_reads_nothing_and_has_no_room_left_ends_here_all_the_same()
    {
        await using var network = new TestNetwork();
        var nodes = await network.OfAsync(2);
        var call = await nodes[0].ConnectAsync(nodes[1].Id, network.Patience);
        var chunk = new byte[1 << 20];
        var (opening, writes) = (Task.CompletedTask, new List<Task>());
        while (opening.IsCompletedSuccessfully) // until there is room for no stream more, long after there was none for bytes
        {
            var stream = call.OpenStreamAsync(bidirectional: false, network.Patience).AsTask();
            opening = stream;
            if (await Task.WhenAny(stream, Task.Delay(TimeSpan.FromSeconds(1), network.Patience)) == stream) { writes.Add((await stream).WriteAsync(chunk, network.Patience).AsTask()); }
        }
        Assert.Contains(writes, static write => !write.IsCompleted);

        await call.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), network.Patience);
        await nodes[0].DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), network.Patience);
        await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(writes.Append(opening)));
    }

    [Fact]
    public async Task Five_nodes_see_all_and_each_reaches_each()
    {
        await using var network = new TestNetwork();
        var nodes = await network.OfAsync(5);

        foreach (var from in nodes)
        {
            foreach (var to in nodes.Where(to => to != from)) { await network.ExchangeAsync(from, to); }
        }
        Assert.Equal(5, nodes[3].Graph.Nodes.Count);
    }
}
