using Coco.Cluster.Mesh;
using Coco.Hosting;
using Coco.Transport;

namespace Coco.Tests.Networks;

/// <summary>What a later version may say is passed over, and all that this version knows goes on.</summary>
public sealed class LaterVersionTests
{
    [Fact]
    public async Task Frames_of_unknown_types_are_skipped_before_and_after_the_peer_has_shown_that_it_belongs()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var peer = await HandMadePeer.JoinAsync(network, ada, "bob", "org.example.chat");
        foreach (var type in (ulong[])[32, 4711, 1ul << 40])
        {
            await peer.SendAsync(type, []);
            await peer.SendAsync(type, new byte[MeshNode.MaxFrame]);
        }
        for (var i = 0; i < 100; i++) { await peer.SendAsync(99, [1, 2, 3]); }

        await peer.AskAsync(ada.Id); // answered
        await peer.SendAsync(1, [1, 0, 7, 7, 7]); // hello, of no scopes, with something that a later version adds
        await ada.WaitForAsync(static node => node.Peers.Count == 1, network.Patience);
        await peer.AskAsync(ada.Id);

        Assert.False(peer.Connection.Closed.IsCompleted);
        Assert.Equal(peer.Id, Assert.Single(ada.Peers).Id);
    }

    [Fact]
    public async Task Streams_of_unknown_kinds_are_refused_and_the_connection_goes_on()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var peer = await HandMadePeer.JoinAsync(network, ada, "bob", "org.example.chat");
        await peer.AskAsync(ada.Id);
        foreach (var kind in (ulong[])[2, 0x13, 0x7F, 1ul << 40])
        {
            await using var stream = await peer.Connection.OpenStreamAsync(cancellationToken: network.Patience);
            await stream.WriteAsync(StreamHeader.Of((StreamKind)kind, 0), network.Patience);
            var refused = await Assert.ThrowsAsync<TransportException>(() => stream.ReadAsync(new byte[1], network.Patience).AsTask());
            Assert.Equal((TransportError.StreamReset, (ulong)WireError.UnknownStreamKind), (refused.Code, refused.ApplicationCode));
            await using var oneWay = await peer.Connection.OpenStreamAsync(bidirectional: false, network.Patience);
            await oneWay.WriteAsync(StreamHeader.Of((StreamKind)kind, 0), network.Patience);
        }
        // Who opens a second mesh stream is of another mind about what it is for.
        await using (var second = await peer.Connection.OpenStreamAsync(cancellationToken: network.Patience))
        {
            await second.WriteAsync(StreamHeader.Of(StreamKind.Mesh), network.Patience);
            await Assert.ThrowsAsync<TransportException>(() => second.ReadAsync(new byte[1], network.Patience).AsTask());
        }

        await using var app = await peer.Connection.OpenStreamAsync(cancellationToken: network.Patience);
        await app.WriteAsync(StreamHeader.Of(StreamKind.App, 0), network.Patience);
        await network.SayAsync(app, "hello");
        await using var session = await ada.AcceptAsync(network.Patience);
        await using var heard = await session.AcceptStreamAsync(network.Patience);
        Assert.Equal("hello", await network.HearAsync(heard));
        await peer.AskAsync(ada.Id);
    }

    [Fact]
    public async Task Nothing_of_the_directory_is_answered_in_a_private_network()
    {
        await using var network = new TestNetwork();
        var hub = await network.CreateAsync("hub", static options => options with { App = null });
        var sought = await network.JoinAsync(hub, "sought");
        var peer = await HandMadePeer.JoinAsync(network, hub, "asker", "org.example.other");
        await peer.SendAsync((ulong)MeshFrameType.DirectoryPublish, Cluster.Lookup.DirectoryFrames.Publication((Cluster.Lookup.DirectoryPlaces)3, default));
        await peer.SendAsync((ulong)MeshFrameType.DirectoryLookup, Cluster.Lookup.DirectoryFrames.Question(1, Cluster.Lookup.DirectoryKey.Of(sought.Id)));
        await peer.SendAsync((ulong)MeshFrameType.DirectoryLookup, Cluster.Lookup.DirectoryFrames.Question(2, Cluster.Lookup.DirectoryKey.Of("sought")));

        Assert.DoesNotContain((ulong)MeshFrameType.DirectoryFound, await peer.AskAsync(hub.Id));
    }
}
