using System.Net;
using System.Net.Sockets;
using Coco.Crypto;
using Coco.Quic.Connections;

namespace Coco.Transport.Tests.Endpoints;

public sealed class EndpointTests
{
    private static readonly TimeSpan Patience = EndpointPair.Patience;

    [Theory, InlineData(false), InlineData(true)]
    public async Task Both_sides_of_a_connection_know_the_other_by_its_identity(bool inline)
    {
        await using var pair = await EndpointPair.StartAsync(options => options with { InlineContinuations = inline });

        var (client, server) = await pair.ConnectAsync();

        Assert.Equal((pair.Server.Id, true), (client.PeerId, client.IsCaller));
        Assert.Equal((pair.Client.Id, false), (server.PeerId, server.IsCaller));
        Assert.Equal(pair.Server.LocalEndPoints[0], client.ActivePath?.RemoteEndPoint);
        Assert.Equal(PathType.Udp, client.ActivePath?.Type);
        Assert.True(client.Statistics.PacketsSent > 0);
        Assert.NotNull(client.Verdict);
    }

    [Fact]
    public async Task Calling_an_address_where_nobody_is_times_out_with_a_timeout()
    {
        await using var pair = await EndpointPair.StartAsync(options => options with { ConnectTimeout = TimeSpan.FromMilliseconds(200) });
        var nobody = pair.Server.LocalEndPoints[0];
        await pair.Server.DisposeAsync();

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => pair.Client.ConnectAsync(pair.Server.Id, ConnectHints.At(nobody)).WaitAsync(Patience));

        Assert.Contains(pair.Server.Id.ToString(), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_does_not_have_the_identity_called_does_not_answer_and_the_message_says_so()
    {
        await using var pair = await EndpointPair.StartAsync();
        using var stranger = IdentityKey.Generate();

        var call = pair.Client.ConnectAsync(stranger.Id, pair.ToServer with { Timeout = TimeSpan.FromMilliseconds(200) });

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => call.WaitAsync(Patience));
        Assert.Contains("does not have this identity", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_without_any_hint_fails_at_once_and_says_what_to_give()
    {
        await using var pair = await EndpointPair.StartAsync();

        var exception = await Assert.ThrowsAsync<TransportException>(() => pair.Client.ConnectAsync(pair.Server.Id).WaitAsync(Patience));

        Assert.Equal(TransportError.NoRoute, exception.Code);
        Assert.Contains("Give an address", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_call_is_taken_back()
    {
        await using var pair = await EndpointPair.StartAsync();
        using var stranger = IdentityKey.Generate();
        using var cancel = new CancellationTokenSource();
        var call = pair.Client.ConnectAsync(stranger.Id, pair.ToServer, cancel.Token);

        await cancel.CancelAsync();

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Patience));
        Assert.Equal(cancel.Token, exception.CancellationToken);
    }

    [Fact]
    public async Task An_address_in_use_is_an_error_that_names_it()
    {
        await using var pair = await EndpointPair.StartAsync();
        using var key = IdentityKey.Generate();
        var taken = pair.Server.LocalEndPoints[0];

        var exception = await Assert.ThrowsAsync<TransportException>(() => Endpoint.StartAsync(EndpointPair.Options(key) with { ListenAddresses = [taken] }));

        Assert.Equal(TransportError.AddressUnavailable, exception.Code);
        Assert.Contains(taken.ToString(), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_without_addresses_listens_on_both_families()
    {
        using var clientKey = IdentityKey.Generate();
        using var serverKey = IdentityKey.Generate();
        await using var client = await Endpoint.StartAsync(EndpointPair.Options(clientKey) with { ListenAddresses = [] });
        await using var server = await Endpoint.StartAsync(EndpointPair.Options(serverKey) with { ListenAddresses = [] });
        var port = server.LocalEndPoints[0].Port;

        await using var ipv4 = await client.ConnectAsync(server.Id, ConnectHints.At(new(IPAddress.Loopback, port))).WaitAsync(Patience);
        await using var ipv6 = await client.ConnectAsync(server.Id, ConnectHints.At(new(IPAddress.IPv6Loopback, port))).WaitAsync(Patience);

        Assert.Equal(server.Id, ipv4.PeerId);
        Assert.Equal(server.Id, ipv6.PeerId);
    }

    [Fact]
    public async Task A_waiting_accept_can_be_cancelled_and_ends_with_the_endpoint()
    {
        await using var pair = await EndpointPair.StartAsync();
        using var cancel = new CancellationTokenSource();
        var cancelled = pair.Server.AcceptAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Patience));

        var waiting = pair.Server.AcceptAsync().AsTask();
        var all = pair.Client.AcceptAllAsync().ToArrayAsync().AsTask();
        await pair.Server.DisposeAsync();
        await pair.Client.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Patience));
        Assert.Empty(await all.WaitAsync(Patience));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Disposing_an_endpoint_ends_its_connections_on_both_sides(bool inline)
    {
        await using var pair = await EndpointPair.StartAsync(options => options with { InlineContinuations = inline });
        var (client, server) = await pair.ConnectAsync();

        await pair.Client.DisposeAsync();
        await pair.Client.DisposeAsync();

        Assert.Equal(CloseKind.LocalApplication, (await client.Closed.WaitAsync(Patience)).Kind);
        Assert.Equal(CloseKind.PeerApplication, (await server.Closed.WaitAsync(Patience)).Kind);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pair.Client.ConnectAsync(pair.Server.Id, pair.ToServer));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_closed_connection_tells_the_peer_its_code_and_reason()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.ConnectAsync();
        var accepting = server.AcceptStreamAsync().AsTask();

        await client.CloseAsync(42, "enough").WaitAsync(Patience);
        await client.CloseAsync(43, "again").WaitAsync(Patience);

        var reason = await server.Closed.WaitAsync(Patience);
        Assert.Equal((CloseKind.PeerApplication, 42ul, "enough"), (reason.Kind, reason.Code, reason.Message));
        var exception = await Assert.ThrowsAsync<TransportException>(() => accepting.WaitAsync(Patience));
        Assert.Equal((TransportError.ClosedByPeer, 42ul), (exception.Code, exception.ApplicationCode));
        exception = await Assert.ThrowsAsync<TransportException>(() => client.OpenStreamAsync().AsTask().WaitAsync(Patience));
        Assert.Equal(TransportError.ClosedHere, exception.Code);
        Assert.False(client.TrySendDatagram([1]));
    }

    [Fact]
    public async Task A_path_that_satisfies_already_is_not_waited_for_and_a_closed_connection_ends_the_wait()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, _) = await pair.ConnectAsync();

        var path = await client.WaitForPathAsync(path => !path.IsRelayed).WaitAsync(Patience);
        Assert.Equal(pair.Server.LocalEndPoints[0], path.RemoteEndPoint);

        var waiting = client.WaitForPathAsync(path => path.IsRelayed);
        await client.CloseAsync();
        await Assert.ThrowsAsync<TransportException>(() => waiting.WaitAsync(Patience));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Tcp_is_listened_for_on_the_port_of_udp_unless_switched_off(bool useTcp)
    {
        await using var pair = await EndpointPair.StartAsync(options => options with { UseTcp = useTcp });
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);

        var connecting = socket.ConnectAsync(pair.Server.LocalEndPoints[0]).WaitAsync(Patience);

        if (useTcp) { await connecting; }
        else { await Assert.ThrowsAsync<SocketException>(() => connecting); }
    }

    [Fact]
    public async Task Calls_beyond_the_backlog_are_closed()
    {
        await using var pair = await EndpointPair.StartAsync(options => options with { AcceptBacklog = 1 });
        await using var first = await pair.Client.ConnectAsync(pair.Server.Id, pair.ToServer).WaitAsync(Patience);
        // The callee takes it for accepted a flight later than the caller: a stream of its own shows that it has.
        await using var second = await pair.Client.ConnectAsync(pair.Server.Id, pair.ToServer).WaitAsync(Patience);

        var ended = await Task.WhenAny(first.Closed, second.Closed).WaitAsync(Patience);

        Assert.Equal(CloseKind.PeerApplication, (await ended).Kind);
    }

    [Fact]
    public async Task Two_hundred_connections_live_side_by_side()
    {
        await using var pair = await EndpointPair.StartAsync();
        var serving = Serve(pair.Server);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            await using var connection = await pair.Client.ConnectAsync(pair.Server.Id, pair.ToServer);
            await using var stream = await connection.OpenStreamAsync();
            await stream.WriteAsync(new[] { (byte)i });
            await stream.CompleteWritesAsync();
            var answer = new byte[2];
            Assert.Equal(1, await stream.ReadAtLeastAsync(answer, 2, throwOnEndOfStream: false));
            return answer[0];
        })).WaitAsync(Patience);

        Assert.Equal(Enumerable.Range(0, 200).Select(i => (byte)i), answers);
        await pair.Server.DisposeAsync();
        await serving.WaitAsync(Patience);
    }

    private static async Task Serve(Endpoint server)
    {
        var served = new List<Task>();
        await foreach (var connection in server.AcceptAllAsync()) { served.Add(Echo(connection)); }
        await Task.WhenAll(served);
    }

    private static async Task Echo(Connection connection)
    {
        try
        {
            await using var stream = await connection.AcceptStreamAsync();
            await stream.CopyToAsync(stream);
            await stream.CompleteWritesAsync();
            await connection.Closed;
        }
        catch (TransportException exception) when (exception.Code is TransportError.ClosedByPeer or TransportError.ClosedHere)
        {
            // The caller left without a word.
        }
    }
}
