using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Scenarios.Tests.Simulated;
using Coco.Transport.Udp;
using Coco.Traversal.Finding;
using Coco.Traversal.Relays;
using Coco.Traversal.Roaming;

namespace Coco.Transport.Tests.Endpoints;

/// <summary>Endpoints with all kinds of ways between them, for calls without end, and what the calls leave behind.</summary>
internal sealed class SoakScene(Func<TransportOptions, TransportOptions> configure) : IAsyncDisposable
{
    private const int Size = 20_000;
    private static readonly TimeSpan Patience = EndpointPair.Patience;
    private static readonly PathPolicy RelayOnly = new() { RelayOnly = true };

    private readonly List<Endpoint> _endpoints = [];
    private readonly List<IdentityKey> _keys = [];
    private readonly List<WeakReference> _closed = [];
    private RelayInfo _byUdp = null!, _byWebSocket = null!;
    private Endpoint _callee = null!, _calleeByUdp = null!, _calleeByTcp = null!, _direct = null!, _relayed = null!, _relayedByWebSocket = null!;

    public async Task StartAsync()
    {
        var relay = await StartAsync(static options => options with
        {
            // Identities that came for one call are soon more than it remembers.
            RelayServer = new() { OpensPerSecond = 1000, MessagesPerSecond = 1000, MaxIdleAccounts = 16 },
            WebSocketAddresses = [new(IPAddress.Loopback, 0)],
        });
        _byUdp = new(relay.Id, [relay.LocalEndPoints[0].ToNetworkAddress()]);
        _byWebSocket = new(relay.Id, [], $"wss://{relay.WebSocketEndPoints[0]}");
        _callee = await StartAsync(options => options with { Relays = [_byUdp] });
        _calleeByUdp = await StartAsync(static options => options); // no relay, which would be first on a busy machine
        // Who has no UDP socket of the address's family calls by TCP at once.
        _calleeByTcp = await StartAsync(options => Socket.OSSupportsIPv6 ? options with { ListenAddresses = [new(IPAddress.IPv6Loopback, 0)] } : options);
        _direct = await StartAsync(static options => options);
        _relayed = await StartAsync(static options => options with { Policy = RelayOnly });
        _relayedByWebSocket = await StartAsync(static options => options with { Policy = RelayOnly });
        await Until(() => _callee.Record is { Relays.Count: 1 });
    }

    public Task CallAsync(SoakCall kind) => kind switch
    {
        SoakCall.Udp => CallAsync(_direct, _calleeByUdp, ConnectHints.At(_calleeByUdp.LocalEndPoints[0]), PathType.Udp),
        SoakCall.Tcp => CallAsync(
            _direct, _calleeByTcp, ConnectHints.At(_calleeByTcp.LocalEndPoints[0]), Socket.OSSupportsIPv6 ? PathType.Tcp : PathType.Udp),
        SoakCall.Relay => CallAsync(_relayed, _callee, new() { Relays = [_byUdp] }, PathType.Relay),
        SoakCall.RelayWebSocket => CallAsync(_relayedByWebSocket, _callee, new() { Relays = [_byWebSocket] }, PathType.RelayWebSocket),
        SoakCall.RelayOnce => CallOnceAsync(_byUdp, PathType.Relay),
        _ => CallOnceAsync(_byWebSocket, PathType.RelayWebSocket),
    };

    /// <summary>Waits until closed connections were collected. Each endpoint's channel of accepted connections may remember its last, and QUIC keeps a
    /// connection for three probe timeouts (RFC 9000 §10.2), 1.5 s over TCP.</summary>
    public Task UntilCollectedAsync() => Until(() =>
    {
        GC.Collect();
        return _closed.Count(static reference => reference.IsAlive) <= 3;
    });

    /// <summary>What the endpoints hold. Their tables of ways grow until they are first swept.</summary>
    public ObjectCensus Census() => ObjectCensus.Of(typeof(PathTable), [.. _endpoints]);

    public async ValueTask DisposeAsync()
    {
        foreach (var endpoint in _endpoints) { await endpoint.DisposeAsync(); }
        _keys.ForEach(static key => key.Dispose());
    }

    // An endpoint, and its control connection to the relay, that live for one call.
    private async Task CallOnceAsync(RelayInfo relay, PathType way)
    {
        using var key = IdentityKey.Generate();
        await using var caller = await Endpoint.StartAsync(EndpointPair.Options(key) with { Policy = RelayOnly });
        await CallAsync(caller, _callee, new() { Relays = [relay] }, way);
    }

    private async Task CallAsync(Endpoint caller, Endpoint callee, ConnectHints hints, PathType way)
    {
        var accepting = callee.AcceptAsync().AsTask();
        await using var client = await caller.ConnectAsync(callee.Id, hints).WaitAsync(Patience);
        await using var server = await accepting.WaitAsync(Patience);
        Assert.Equal((way, caller.Id), (client.ActivePath?.Type, server.PeerId));
        try
        {
            await TransferAsync(client, server);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"call {_closed.Count / 2}: {Describe(client)}; {Describe(server)}", exception);
        }
        _closed.Add(new(client));
        _closed.Add(new(server));
    }

    private static string Describe(Connection connection) =>
        $"{connection.ActivePath} {connection.Verdict} {connection.Statistics} {(connection.Closed.IsCompleted ? connection.Closed.Result : null)}";

    private static async Task TransferAsync(Connection from, Connection to)
    {
        var data = RandomNumberGenerator.GetBytes(Size);
        await using var stream = await from.OpenStreamAsync(bidirectional: false).AsTask().WaitAsync(Patience);
        await stream.WriteAsync(data).AsTask().WaitAsync(Patience);
        await stream.CompleteWritesAsync().AsTask().WaitAsync(Patience);
        await using var accepted = await to.AcceptStreamAsync().AsTask().WaitAsync(Patience);
        accepted.ReadTimeout = (int)TimeSpan.FromHours(1).TotalMilliseconds; // its timer must not outlive the stream
        var received = new byte[Size];
        await accepted.ReadExactlyAsync(received).AsTask().WaitAsync(Patience);
        Assert.True(data.AsSpan().SequenceEqual(received));
    }

    private async Task<Endpoint> StartAsync(Func<TransportOptions, TransportOptions> own)
    {
        var key = IdentityKey.Generate();
        _keys.Add(key);
        var endpoint = await Endpoint.StartAsync(own(configure(EndpointPair.Options(key))));
        _endpoints.Add(endpoint);
        return endpoint;
    }

    private static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition()) { await Task.Delay(20, patience.Token); }
    }
}
