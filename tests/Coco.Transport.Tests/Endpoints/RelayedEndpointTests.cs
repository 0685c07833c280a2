using System.Net;
using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Transport.Lookup;
using Coco.Traversal;
using Coco.Traversal.Finding;
using Coco.Traversal.Relays;

namespace Coco.Transport.Tests.Endpoints;

/// <summary>Endpoints that meet through relays, over real sockets on loopback.</summary>
public sealed class RelayedEndpointTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = EndpointPair.Patience;
    private static readonly PathPolicy RelayOnly = new() { RelayOnly = true };

    private readonly List<Endpoint> _endpoints = [];

    [Fact]
    public async Task A_relay_carries_a_megabyte_in_both_directions()
    {
        var relay = await StartRelayAsync();
        var (caller, callee) = await StartPairAsync([InfoOf(relay)]);

        var (client, server) = await ConnectAsync(caller, callee, [InfoOf(relay)]);

        Assert.Equal(PathType.Relay, client.ActivePath?.Type);
        Assert.Equal(VerdictCode.Policy, client.Verdict?.Code);
        await ExchangeAsync(client, server, 1 << 20);
    }

    [Fact]
    public async Task A_relay_that_is_reached_by_WebSocket_alone_carries_the_same()
    {
        var relay = await StartRelayAsync();
        var info = new RelayInfo(relay.Id, [], $"wss://{relay.WebSocketEndPoints[0]}");
        var (caller, callee) = await StartPairAsync([info]);

        var (client, server) = await ConnectAsync(caller, callee, [info]);

        Assert.Equal(PathType.RelayWebSocket, client.ActivePath?.Type);
        await ExchangeAsync(client, server, 1 << 20);
    }

    [Fact]
    public async Task A_relay_that_stops_with_data_in_flight_is_left_for_the_second()
    {
        var (first, second) = (await StartRelayAsync(), await StartRelayAsync());
        RelayInfo[] relays = [InfoOf(first), InfoOf(second)];
        var (caller, callee) = await StartPairAsync(relays);
        var (client, server) = await ConnectAsync(caller, callee, relays);
        await Until(() => client.Paths.Count >= 2);

        var inUse = client.ActivePath!.RemoteEndPoint.Equals(first.LocalEndPoints[0]) ? first : second;
        var exchange = ExchangeAsync(client, server, 64 << 20);
        await inUse.DisposeAsync();
        await exchange;

        Assert.NotEqual(inUse.LocalEndPoints[0], client.ActivePath!.RemoteEndPoint);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_relay_knows_at_once_of_clients_that_end_and_clients_of_a_relay_that_ends(bool byWebSocket)
    {
        var (first, second) = (await StartRelayAsync(), await StartRelayAsync());
        var relays = new[] { first, second }.Select(relay => byWebSocket ? new(relay.Id, [], $"wss://{relay.WebSocketEndPoints[0]}") : InfoOf(relay)).ToArray();
        var (caller, callee) = await StartPairAsync(relays);
        await ConnectAsync(caller, callee, relays);

        await caller.DisposeAsync();
        await UntilAsync(async () => await ClientsOf(first) == 1 && await ClientsOf(second) == 1);
        await first.DisposeAsync();
        await Until(() => callee.Record!.Relays.Count == 1);
        await callee.DisposeAsync();
        await UntilAsync(async () => await ClientsOf(second) == 0);

        static async Task<int> ClientsOf(Endpoint relay) => (await relay.GetRelayStatisticsAsync())!.Clients;
    }

    [Fact]
    public async Task A_drained_relay_is_left_by_its_clients_and_says_when_it_is_empty()
    {
        var (first, second) = (await StartRelayAsync(), await StartRelayAsync());
        RelayInfo[] relays = [InfoOf(first), InfoOf(second)];
        var (caller, callee) = await StartPairAsync(relays);
        var (client, server) = await ConnectAsync(caller, callee, relays);
        await Until(() => client.Paths.Count >= 2);

        await first.DrainRelayAsync(TimeSpan.FromMilliseconds(500)).WaitAsync(Patience);
        await ExchangeAsync(client, server, 1 << 20);

        Assert.Equal([second.Id], callee.Record!.Relays.Select(relay => relay.Id));
    }

    [Fact]
    public async Task Whoever_published_its_record_is_found_without_a_hint()
    {
        var relay = await StartRelayAsync();
        var lookup = new MemoryAddressLookup();
        var (caller, callee) = await StartPairAsync([InfoOf(relay)], options => options with { Lookup = lookup });
        while (await lookup.FindAsync(callee.Id) is not { Relays.Count: 1 }) { await Task.Yield(); }

        var client = await caller.ConnectAsync(callee.Id).WaitAsync(Patience);

        Assert.Equal(callee.Id, client.PeerId);
    }

    [Fact]
    public async Task Endpoints_without_a_common_relay_meet_at_the_callee_s()
    {
        var (one, two) = (await StartRelayAsync(), await StartRelayAsync());
        var callee = await StartAsync(options => options with { Relays = [InfoOf(one)], Policy = RelayOnly });
        var caller = await StartAsync(options => options with { Relays = [InfoOf(two)], Policy = RelayOnly });
        await Until(() => callee.Record is { Relays.Count: 1 });

        var accepting = callee.AcceptAsync().AsTask();
        var client = await caller.ConnectAsync(callee.Id, new() { Record = callee.Record }).WaitAsync(Patience);

        await ExchangeAsync(client, await accepting.WaitAsync(Patience), 100_000);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var endpoint in _endpoints) { await endpoint.DisposeAsync(); }
    }

    private static RelayInfo InfoOf(Endpoint relay) => new(relay.Id, [AddressOf(relay.LocalEndPoints[0])]);

    private static NetworkAddress AddressOf(IPEndPoint endPoint) =>
        NetworkAddress.TryParse(endPoint.ToString(), out var address) ? address : throw new ArgumentException($"{endPoint} is no address");

    private Task<Endpoint> StartRelayAsync() => StartAsync(options => options with { RelayServer = new(), WebSocketAddresses = [new(IPAddress.Loopback, 0)] });

    private async Task<(Endpoint Caller, Endpoint Callee)> StartPairAsync(RelayInfo[] relays, Func<TransportOptions, TransportOptions>? configure = null)
    {
        var callee = await StartAsync(Configure);
        var caller = await StartAsync(Configure);
        await Until(() => callee.Record is { } record && record.Relays.Count == relays.Length);
        return (caller, callee);

        TransportOptions Configure(TransportOptions options)
        {
            var relayed = options with { Relays = relays, Policy = RelayOnly };
            return configure is null ? relayed : configure(relayed);
        }
    }

    private async Task<Endpoint> StartAsync(Func<TransportOptions, TransportOptions> configure)
    {
        var endpoint = await Endpoint.StartAsync(configure(EndpointPair.Options(IdentityKey.Generate())));
        _endpoints.Add(endpoint);
        return endpoint;
    }

    private static async Task<(Connection Client, Connection Server)> ConnectAsync(Endpoint caller, Endpoint callee, RelayInfo[] relays)
    {
        var accepting = callee.AcceptAsync().AsTask();
        var client = await caller.ConnectAsync(callee.Id, new() { Relays = relays }).WaitAsync(Patience);
        return (client, await accepting.WaitAsync(Patience));
    }

    private static async Task ExchangeAsync(Connection client, Connection server, int length)
    {
        var data = RandomNumberGenerator.GetBytes(length);
        await using var stream = await client.OpenStreamAsync();
        var writing = WriteAsync();
        var accepted = await server.AcceptStreamAsync().AsTask().WaitAsync(Patience);
        var echo = EchoAsync();
        var received = new byte[length];
        await stream.ReadExactlyAsync(received).AsTask().WaitAsync(Patience);
        Assert.True(data.AsSpan().SequenceEqual(received));
        Assert.Equal(0, await stream.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
        await Task.WhenAll(writing, echo);

        async Task WriteAsync()
        {
            await stream.WriteAsync(data).AsTask().WaitAsync(Patience);
            await stream.CompleteWritesAsync().AsTask().WaitAsync(Patience);
        }

        async Task EchoAsync()
        {
            await accepted.CopyToAsync(accepted).WaitAsync(Patience);
            await accepted.CompleteWritesAsync().AsTask().WaitAsync(Patience);
        }
    }

    private static Task Until(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition()) { await Task.Delay(5, patience.Token); }
    }
}
