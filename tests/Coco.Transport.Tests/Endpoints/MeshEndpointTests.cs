using System.Net;
using Coco.Crypto;
using Coco.Traversal.Finding;
using Coco.Traversal.Hops;

namespace Coco.Transport.Tests.Endpoints;

/// <summary>Endpoints that meet through others in the mesh, over real sockets on loopback: each may send to some of the others only.</summary>
[Collection(nameof(EndpointCostTests))]
public sealed class MeshEndpointTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = EndpointPair.Patience;

    private readonly List<Endpoint> _endpoints = [];
    private readonly List<IdentityKey> _keys = [];
    private readonly byte[] _source = new byte[256 << 10];
    private readonly byte[] _destination = new byte[256 << 10]; // whatever arrives

    [Fact]
    public async Task A_neighbour_carries_a_megabyte_in_both_directions()
    {
        var router = new LineRouter();
        var (alice, bob, carol) = await StartAsync(router);
        var (client, server) = await ConnectAsync(alice, carol);

        Assert.Equal((PathType.Mesh, PathType.Mesh), (client.ActivePath?.Type, server.ActivePath?.Type));
        Assert.Equal(VerdictCode.ThroughMesh, client.Verdict?.Code);
        Assert.Equal(bob.LocalEndPoints[0], client.ActivePath!.RemoteEndPoint);
        Assert.True(client.ActivePath.IsRelayed);
        var (near, far) = await EndpointPair.OpenStreamAsync(client, server);
        await Task.WhenAll(TransferAsync(near, far, 1 << 20), TransferAsync(far, near, 1 << 20)).WaitAsync(Patience);
        Assert.InRange(await bob.AskAsync(core => core.HopStatistics.Bytes), 2 << 20, 3 << 20);

        alice.HandleRoutesChanged(); // nothing comes of it: the route is the same
        await TransferAsync(near, far, 1 << 10).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_link_that_is_trusted_no_more_carries_nothing_from_then_on()
    {
        var router = new LineRouter();
        var (alice, bob, carol) = await StartAsync(router);
        var (client, _) = await ConnectAsync(alice, carol);
        foreach (var connection in router.Links.Where(connection => connection.PeerId == carol.Id)) { connection.IsNeighbour = false; }
        for (var wait = 0; await bob.AskAsync(core => core.HopStatistics.Sessions) > 0; wait++)
        {
            Assert.InRange(wait, 0, 1000);
            await Task.Delay(10);
        }
        Assert.False(client.Closed.IsCompleted);
    }

    [Fact]
    public async Task Forwarding_allocates_nearly_nothing_per_packet()
    {
        var router = new LineRouter();
        var (alice, bob, carol) = await StartAsync(router);
        var (client, server) = await ConnectAsync(alice, carol);
        var (near, far) = await EndpointPair.OpenStreamAsync(client, server);
        await TransferAsync(near, far, 64 << 20).WaitAsync(Patience);

        var before = await bob.AskAsync(core => core.HopStatistics.Packets);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await TransferAsync(near, far, 64 << 20).WaitAsync(Patience);
        var meshed = clock.Elapsed;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        var packets = await bob.AskAsync(core => core.HopStatistics.Packets) - before;

        var direct = router.Links.First(connection => connection.PeerId == bob.Id);
        var back = router.Links.First(connection => connection.PeerId == alice.Id);
        var (one, other) = await EndpointPair.OpenStreamAsync(direct, back);
        await TransferAsync(one, other, 64 << 20).WaitAsync(Patience);
        clock.Restart();
        await TransferAsync(one, other, 64 << 20).WaitAsync(Patience);
        TestContext.Current.SendDiagnosticMessage(
            $"{(double)allocated / packets:F2} bytes allocated a packet; 64 MiB by one hop {meshed.TotalMilliseconds:F0} ms, directly {clock.Elapsed.TotalMilliseconds:F0} ms");
        Assert.InRange(packets, 40_000, long.MaxValue);
        Assert.InRange((double)allocated / packets, 0, 8); // of three endpoints together
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var endpoint in _endpoints) { await endpoint.DisposeAsync().AsTask().WaitAsync(Patience); }
        foreach (var key in _keys) { key.Dispose(); }
    }

    // Alice and Carol may send to Bob only, so that they never find a direct way.
    private async Task<(Endpoint Alice, Endpoint Bob, Endpoint Carol)> StartAsync(LineRouter router)
    {
        var bob = await StartAsync("127.0.0.2", router, "127.0.0.0/8");
        var (alice, carol) = (await StartAsync("127.0.0.1", router, "127.0.0.2/32"), await StartAsync("127.0.0.3", router, "127.0.0.2/32"));
        router.Middle = bob.Id;
        foreach (var end in (Endpoint[])[alice, carol])
        {
            var accepting = bob.AcceptAsync().AsTask();
            var connection = await end.ConnectAsync(bob.Id, ConnectHints.At(bob.LocalEndPoints[0])).WaitAsync(Patience);
            router.Links.AddRange([connection, await accepting.WaitAsync(Patience)]);
        }
        foreach (var link in router.Links) { link.IsNeighbour = true; }
        return (alice, bob, carol);
    }

    private async Task<Endpoint> StartAsync(string address, LineRouter router, string allowed)
    {
        _keys.Add(IdentityKey.Generate());
        Assert.True(AddressPrefix.TryParse(allowed, out var prefix));
        var endpoint = await Endpoint.StartAsync(new TransportOptions
        {
            Identities = [_keys[^1]],
            ListenAddresses = [new(IPAddress.Parse(address), 0)],
            Policy = new() { AllowedPrefixes = [prefix] },
            HopRouter = router,
            Connection = new() { Streams = EndpointCostTests.Small },
        });
        _endpoints.Add(endpoint);
        return endpoint;
    }

    private static async Task<(Connection Client, Connection Server)> ConnectAsync(Endpoint from, Endpoint to)
    {
        var accepting = to.AcceptAsync().AsTask();
        var client = await from.ConnectAsync(to.Id, new() { ViaMesh = true }).WaitAsync(Patience);
        return (client, await accepting.WaitAsync(Patience));
    }

    private async Task TransferAsync(ConnectionStream from, ConnectionStream to, int bytes)
    {
        var (source, destination) = (_source, _destination);
        var reading = Task.Run(async () =>
        {
            for (var left = bytes; left > 0;) { left -= await to.ReadAsync(destination.AsMemory(0, Math.Min(left, destination.Length))); }
        });
        await Task.Run(async () =>
        {
            for (var sent = 0; sent < bytes; sent += Math.Min(bytes - sent, source.Length)) { await from.WriteAsync(source.AsMemory(0, Math.Min(bytes - sent, source.Length))); }
        });
        await reading;
    }

    private sealed class LineRouter : IHopRouter
    {
        public NodeId Middle { get; set; }

        public List<Connection> Links { get; } = [];

        public bool TryNextHop(in HopRequest request, ReadOnlySpan<NodeId> avoid, out NodeId next, out NodeId nextAim)
        {
            next = request.Self == Middle ? request.Target : Middle;
            nextAim = request.Target;
            return !avoid.Contains(next);
        }

        public bool MayForward(in HopRequest request) => request.Self == Middle;
    }
}
