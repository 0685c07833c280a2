using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Transport.Udp;
using Coco.Traversal.Finding;
using Coco.Traversal.Relays;

namespace Coco.Transport.Tests.Endpoints;

/// <summary>Calls without end over real sockets: directly by UDP and TCP, by a relay over UDP and WebSocket, and from endpoints that live for one
/// call. COCO_ALL=1 makes a thousand.</summary>
[Collection(nameof(EndpointCostTests))] // nothing else opens files or allocates meanwhile
public sealed class EndpointSoakTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const int Size = 20_000;
    private static readonly int Rounds = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 1000 : 180;
    private static readonly int Settled = Rounds / 3; // rounds after which nothing may grow
    private static readonly TimeSpan Patience = EndpointPair.Patience;
    private static readonly PathPolicy RelayOnly = new() { RelayOnly = true };

    private readonly List<Endpoint> _endpoints = [];
    private readonly List<IdentityKey> _keys = [];
    private readonly List<WeakReference> _closed = [];

    [Fact]
    public async Task Calls_that_come_and_go_leave_no_handles_threads_or_memory()
    {
        var relay = await StartAsync(static options => options with
        {
            RelayServer = new() { OpensPerSecond = 1000, MessagesPerSecond = 1000 },
            WebSocketAddresses = [new(IPAddress.Loopback, 0)],
        });
        var byUdp = new RelayInfo(relay.Id, [relay.LocalEndPoints[0].ToNetworkAddress()]);
        var byWebSocket = new RelayInfo(relay.Id, [], $"wss://{relay.WebSocketEndPoints[0]}");
        var callee = await StartAsync(options => options with { Relays = [byUdp] });
        var calleeByTcp = await StartAsync(options => Socket.OSSupportsIPv6 ? options with { ListenAddresses = [new(IPAddress.IPv6Loopback, 0)] } : options);
        var direct = await StartAsync(static options => options);
        var relayed = await StartAsync(static options => options with { Policy = RelayOnly });
        var relayedByWebSocket = await StartAsync(static options => options with { Policy = RelayOnly });
        await Until(() => callee.Record is { Relays.Count: 1 });

        // Who has no UDP socket of the address's family calls by TCP at once.
        var tcp = Socket.OSSupportsIPv6 ? PathType.Tcp : PathType.Udp;
        Usage? settled = null;
        for (var i = 1; i <= Rounds; i++)
        {
            switch (i % 6)
            {
                case 0: await CallAsync(direct, callee, ConnectHints.At(callee.LocalEndPoints[0]), PathType.Udp); break;
                case 1: await CallAsync(direct, calleeByTcp, ConnectHints.At(calleeByTcp.LocalEndPoints[0]), tcp); break;
                case 2: await CallAsync(relayed, callee, new() { Relays = [byUdp] }, PathType.Relay); break;
                case 3: await CallAsync(relayedByWebSocket, callee, new() { Relays = [byWebSocket] }, PathType.RelayWebSocket); break;
                case 4: await CallOnceAsync(callee, byUdp, PathType.Relay); break;
                default: await CallOnceAsync(callee, byWebSocket, PathType.RelayWebSocket); break;
            }
            if (i != Settled && i != Rounds) { continue; }
            await Until(() => Alive() < 50); // some finished calls may still be in a loop's heap of timers
            var usage = Usage.Now();
            output.WriteLine($"after {i} calls: {usage}, {Alive()} closed connections in memory");
            settled ??= usage;
            if (i == Rounds) { AssertFlat(settled, usage); }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var endpoint in _endpoints) { await endpoint.DisposeAsync(); }
        _keys.ForEach(static key => key.Dispose());
    }

    private static void AssertFlat(Usage before, Usage after)
    {
        Assert.InRange(after.Handles, 0, before.Handles + 4);
        Assert.InRange(after.Threads, 0, before.Threads + 4); // the pool's come and go
        Assert.InRange(after.Heap, 0, before.Heap + (2 << 20)); // blocks in pools, and what the runtime keeps for itself
    }

    private int Alive()
    {
        GC.Collect();
        return _closed.Count(static reference => reference.IsAlive);
    }

    // An endpoint, and its control connection to the relay, that live for one call.
    private async Task CallOnceAsync(Endpoint callee, RelayInfo relay, PathType way)
    {
        using var key = IdentityKey.Generate();
        await using var caller = await Endpoint.StartAsync(EndpointPair.Options(key) with { Policy = RelayOnly });
        await CallAsync(caller, callee, new() { Relays = [relay] }, way);
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
        var received = new byte[Size];
        await accepted.ReadExactlyAsync(received).AsTask().WaitAsync(Patience);
        Assert.True(data.AsSpan().SequenceEqual(received));
    }

    private async Task<Endpoint> StartAsync(Func<TransportOptions, TransportOptions> configure)
    {
        var key = IdentityKey.Generate();
        _keys.Add(key);
        var endpoint = await Endpoint.StartAsync(configure(EndpointPair.Options(key)));
        _endpoints.Add(endpoint);
        return endpoint;
    }

    private static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition()) { await Task.Delay(20, patience.Token); }
    }

    private sealed record Usage(int Handles, int Threads, long Heap)
    {
        public static Usage Now()
        {
            using var process = Process.GetCurrentProcess();
            // proc(5): an entry for each open file; other systems have their own count of handles.
            var handles = OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : process.HandleCount;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            var memory = GC.GetGCMemoryInfo(GCKind.FullBlocking);
            return new(handles, process.Threads.Count, memory.HeapSizeBytes - memory.FragmentedBytes);
        }
    }
}
