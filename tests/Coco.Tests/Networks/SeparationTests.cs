using System.Net;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Transport;

namespace Coco.Tests.Networks;

public sealed class SeparationTests
{
    [Fact]
    public async Task Two_networks_on_one_socket_do_not_see_each_other()
    {
        await using var network = new TestNetwork();
        var host = network.Own(await CocoHost.StartAsync(new() { ListenAddresses = [new(IPAddress.Loopback, 0)] }, network.Patience));
        NodeOptions Shared(NodeOptions options) => options with { Host = host };
        var home = await network.CreateAsync("home", Shared);
        var work = await network.CreateAsync("work", Shared);
        var homeLaptop = await network.JoinAsync(home, "laptop", change: Shared);
        var workLaptop = await network.JoinAsync(work, "laptop");
        await network.AllSeeAsync(home, homeLaptop);
        await network.AllSeeAsync(work, workLaptop);

        Assert.Equal([homeLaptop.Id], home.Peers.Select(static peer => peer.Id));
        Assert.Equal([workLaptop.Id], work.Peers.Select(static peer => peer.Id));
        var failure = await Assert.ThrowsAsync<CocoException>(() => home.ConnectAsync(work.Id, network.Patience));
        Assert.Equal(CocoError.NotFound, failure.Code);
        await network.ExchangeAsync(homeLaptop, home);
        await network.ExchangeAsync(workLaptop, work);
        Assert.Single(host.LocalEndPoints);
    }

    [Fact]
    public async Task A_node_that_goes_takes_nothing_of_its_host_along()
    {
        await using var network = new TestNetwork();
        var host = network.Own(await CocoHost.StartAsync(new() { ListenAddresses = [new(IPAddress.Loopback, 0)] }, network.Patience));
        var home = await network.CreateAsync("home", options => options with { Host = host });
        var work = await network.CreateAsync("work", options => options with { Host = host });

        await home.DisposeAsync();

        await network.JoinAsync(work, "laptop");
    }

    [Fact]
    public async Task A_stranger_who_knows_the_identity_is_told_nothing_and_dropped()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        using var key = IdentityKey.Generate(new SeededRandomSource(5));
        await using var stranger = await Endpoint.StartAsync(new() { Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)] }, network.Patience);
        await using var connection = await stranger.ConnectAsync(ada.Id, ConnectHints.At(ada.Host.LocalEndPoints[0]), network.Patience);
        await using var mesh = await connection.OpenStreamAsync(cancellationToken: network.Patience);
        await using var app = await connection.OpenStreamAsync(cancellationToken: network.Patience);
        await mesh.WriteAsync(StreamHeader.Of(StreamKind.Mesh), network.Patience);
        await mesh.WriteAsync(new byte[] { 1, 2, 1, 0 }, network.Patience); // hello, of no scopes
        await app.WriteAsync(StreamHeader.Of(StreamKind.App, 0), network.Patience);

        // The stream's end may be here before that of the connection.
        var read = 0;
        var failure = await Record.ExceptionAsync(async () => read = await mesh.ReadAsync(new byte[1], network.Patience));
        Assert.True((failure is null or TransportException) && read == 0, $"{failure}, {read} bytes");
        await connection.Closed.WaitAsync(network.Patience);
        var told = await Assert.ThrowsAsync<TransportException>(() => connection.OpenStreamAsync(cancellationToken: network.Patience).AsTask());

        Assert.Equal((TransportError.ClosedByPeer, (ulong)WireError.NotMember), (told.Code, told.ApplicationCode));
        Assert.Empty(ada.Peers);
        Assert.Empty(ada.Graph.Links);
    }

    [Fact]
    public async Task Strangers_beyond_a_few_are_turned_away_at_once_and_members_are_not()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        using var key = IdentityKey.Generate(new SeededRandomSource(6));
        await using var stranger = await Endpoint.StartAsync(new() { Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)] }, network.Patience);
        var calls = await Task.WhenAll(Enumerable.Range(0, 70).Select(_ => stranger.ConnectAsync(ada.Id, ConnectHints.At(ada.Host.LocalEndPoints[0]), network.Patience)));

        var ended = await Task.WhenAll(calls.Select(call => call.Closed)).WaitAsync(network.Patience);

        Assert.Equal(6, ended.Count(reason => reason.Code == (ulong)WireError.TooMany));
        Assert.Equal(64, ended.Count(reason => reason.Code == (ulong)WireError.NotMember));
        await network.JoinAsync(ada, "bob");
    }
}
