using System.Diagnostics.Metrics;
using Coco.Quic.Streams;

namespace Coco.Transport.Tests.Endpoints;

/// <summary>Budgets that are exact or nearly so: allocation, memory, measurements.</summary>
[Collection(nameof(EndpointCostTests))]
[CollectionDefinition(nameof(EndpointCostTests), DisableParallelization = true)]
public sealed class EndpointCostTests
{
    internal static readonly StreamOptions Small = new()
    {
        InitialStreamWindow = 256 << 10,
        MaxStreamWindow = 256 << 10,
        InitialConnectionWindow = 512 << 10,
        MaxConnectionWindow = 512 << 10,
        SendBufferSize = 256 << 10,
        MaxSendBufferSize = 256 << 10,
    };

    private static readonly TimeSpan Patience = EndpointPair.Patience;

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_transfer_in_its_stride_allocates_nearly_nothing_per_packet(bool inline)
    {
        // Small windows, which soon have been full once: blocks are made for what waits, and kept.
        await using var pair = await EndpointPair.StartAsync(options => options with
        {
            InlineContinuations = inline,
            Connection = options.Connection with { Streams = Small },
        });
        var (client, server) = await pair.OpenStreamAsync();
        var (source, destination) = (new byte[256 << 10], new byte[256 << 10]);
        await Transfer(32 << 20);

        var before = await PacketsSent();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        await Transfer(64 << 20);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        var packets = await PacketsSent() - before;

        Assert.InRange(packets, 10_000, long.MaxValue);
        TestContext.Current.SendDiagnosticMessage($"{(double)allocated / packets} bytes a packet");
        Assert.InRange((double)allocated / packets, 0, 4);

        // Not the connection's own snapshot: that is of up to 100 ms ago, and on a quick machine the whole transfer takes no longer.
        async Task<long> PacketsSent() => (await client.Connection.CountAsync().WaitAsync(Patience)).PacketsSent;

        async Task Transfer(int bytes)
        {
            var reading = Task.Run(async () =>
            {
                for (var left = bytes; left > 0;) { left -= await server.ReadAsync(destination.AsMemory(0, Math.Min(left, destination.Length))); }
            });
            await Task.Run(async () =>
            {
                for (var sent = 0; sent < bytes; sent += source.Length) { await client.WriteAsync(source); }
            }).WaitAsync(Patience);
            await reading.WaitAsync(Patience);
        }
    }

    [Fact]
    public async Task An_idle_connection_with_one_path_costs_at_most_10_KB_on_each_side()
    {
        await using var pair = await EndpointPair.StartAsync(options => options with { Policy = new() { AllowedInterfaces = ["none"] } });
        var connections = new List<Connection>();
        await Connect(100);

        var each = long.MaxValue;
        for (var round = 0; round < 4 && each > 10_000; round++) // pools that a busy machine fills grow once, connections each time
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            await Connect(400);
            each = Each(before);
            // What a handshake needed is let go of when its last packets are acknowledged.
            for (var i = 0; i < 20 && each > 10_000; i++)
            {
                await Task.Delay(100);
                each = Each(before);
            }
            TestContext.Current.SendDiagnosticMessage($"{each} bytes");
        }
        Assert.InRange(each, 0, 10_000);
        GC.KeepAlive(connections);

        static long Each(long before) => (GC.GetTotalMemory(forceFullCollection: true) - before) / 400 / 2;

        async Task Connect(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var (client, server) = await pair.ConnectAsync();
                connections.Add(client);
                connections.Add(server);
            }
        }
    }

    [Fact]
    public async Task Connecting_and_disconnecting_leaves_no_thread_handle_or_connection_behind()
    {
        await using var pair = await EndpointPair.StartAsync();
        var accepting = Task.Run(async () =>
        {
            await foreach (var connection in pair.Server.AcceptAllAsync()) { await connection.Closed; }
        });
        await ConnectAndClose(20);
        var (threads, handles) = (ThreadPool.ThreadCount, OpenHandles());

        await ConnectAndClose(200);

        Assert.InRange(OpenHandles(), 0, handles + 3);
        Assert.InRange(ThreadPool.ThreadCount, 0, threads + 4);
        await pair.Server.DisposeAsync();
        await accepting.WaitAsync(Patience);

        async Task ConnectAndClose(int times)
        {
            for (var i = 0; i < times; i++)
            {
                var connection = await pair.Client.ConnectAsync(pair.Server.Id, pair.ToServer).WaitAsync(Patience);
                await connection.DisposeAsync().AsTask().WaitAsync(Patience);
            }
        }
    }

    [Fact]
    public async Task What_an_endpoint_measures_is_on_its_meter_and_names_nobody()
    {
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        var tags = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == TransportMetrics.MeterName) { self.EnableMeasurementEvents(instrument); }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) =>
        {
            lock (seen)
            {
                seen[instrument.Name] = seen.GetValueOrDefault(instrument.Name) + value;
                foreach (var label in labels) { tags.Add(label.Key); }
            }
        });
        listener.Start();

        await using (var pair = await EndpointPair.StartAsync())
        {
            await pair.OpenStreamAsync();
            lock (seen) { Assert.Equal((2, 2), (seen["coco.transport.connections"], seen["coco.transport.handshakes"])); }
        }

        lock (seen)
        {
            Assert.Equal(0, seen["coco.transport.connections"]);
            Assert.True(seen["coco.transport.sent"] > 2400);
            Assert.True(seen["coco.transport.received"] > 2400);
            Assert.Subset(new HashSet<string>(StringComparer.Ordinal) { "direction", "result" }, tags);
        }
    }

    private static int OpenHandles() => OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : 0;
}
