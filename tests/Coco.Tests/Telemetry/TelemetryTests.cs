using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Coco.Telemetry;
using Coco.Tests.Tunnels;
using Coco.Tunnels;
using Microsoft.Extensions.Logging;

namespace Coco.Tests.Telemetry;

/// <summary>What a listener sees of a node, as OpenTelemetry would. Meters are the process's, so other tests may add to what is measured.</summary>
[Collection(nameof(TelemetryTests))]
public sealed class TelemetryTests
{
    [Fact]
    public async Task Tunnels_and_connections_are_measured()
    {
        var sums = new ConcurrentDictionary<string, double>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == CocoTelemetry.MeterName) { listener.EnableMeasurementEvents(instrument); }
            },
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags));
        meters.Start();
        await using (var scene = await TunnelScene.StartAsync())
        {
            await scene.Network.ExchangeAsync(scene.Bob, scene.Ada);
            await PassThroughAsync(scene);
            await scene.FailsAsync("none");
        }

        string[] expected =
        [
            "coco.nodes", "coco.connect.duration result=ok", "coco.tunnels.connections side=used result=ok", "coco.tunnels.connections side=served result=ok",
            "coco.tunnels.io side=used direction=to_peers", "coco.tunnels.io side=used direction=from_peers",
            "coco.tunnels.io side=served direction=to_peers", "coco.tunnels.io side=served direction=from_peers",
        ];
        Assert.All(expected, name => Assert.Contains(name, sums.Keys));
        Assert.True(sums["coco.tunnels.io side=used direction=to_peers"] >= 4);

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var name = instrument.Name;
            foreach (var tag in tags) { name += $" {tag.Key}={tag.Value}"; }
            sums.AddOrUpdate(name, Math.Abs(value), (_, sum) => sum + Math.Abs(value));
        }
    }

    [Fact]
    public async Task Each_connection_of_a_tunnel_is_traced_on_both_sides_and_a_call_by_the_caller()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == CocoTelemetry.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        string ada, bob;
        await using (var scene = await TunnelScene.StartAsync())
        {
            (ada, bob) = (scene.Ada.Id.ToString(), scene.Bob.Id.ToString());
            await scene.Network.ExchangeAsync(scene.Bob, scene.Ada);
            await PassThroughAsync(scene);
            await Assert.ThrowsAsync<CocoException>(() => scene.Bob.ConnectAsync("nobody", scene.Patience));
        }

        Assert.Equal(ActivityStatusCode.Unset, Single("coco connect", ActivityKind.Client, "coco.peer", ada).Status);
        Assert.Equal("echo", Single("coco tunnel", ActivityKind.Client, "coco.peer", ada).GetTagItem("coco.service"));
        Assert.Equal("echo", Single("coco tunnel", ActivityKind.Server, "coco.peer", bob).GetTagItem("coco.service"));
        var failed = ended.Single(one => one.GetTagItem("coco.node") as string == bob && one.GetTagItem("coco.peer") is "nobody");
        Assert.Equal(ActivityStatusCode.Error, failed.Status);

        Activity Single(string name, ActivityKind kind, string tag, string value) =>
            ended.Single(one => one.OperationName == name && one.Kind == kind && one.GetTagItem(tag) as string == value);
    }

    [Fact]
    public async Task What_is_published_and_opened_and_refused_is_logged()
    {
        using var log = new Record();
        var network = new Networks.TestNetwork();
        await using var held = network;
        var ada = await network.CreateAsync("ada", options => options with { LoggerFactory = log });
        var service = await ada.Tunnels.PublishAsync("web", TunnelEnd.Tcp(80));
        var tunnel = await ada.Tunnels.OpenAsync(ada.Id, "web", TunnelEnd.Tcp(0), LocalAccess.Token);
        var proxy = await ada.Tunnels.ServeProxyAsync(TunnelEnd.Tcp(0));
        using (var client = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp))
        {
            await client.ConnectAsync("127.0.0.1", proxy.LocalEnd.Port, network.Patience);
            await client.SendAsync("nonsense\r\n"u8.ToArray(), network.Patience);
            while (proxy.Statistics.Refused == 0) { await Task.Delay(10, network.Patience); }
        }
        await proxy.DisposeAsync();
        await tunnel.DisposeAsync();
        await service.DisposeAsync();

        Assert.Equal([1640, 1642, 1644, 1645, 1643, 1643, 1641], log.Events.Where(static id => id is >= 1640 and < 1650));
    }

    private static async Task PassThroughAsync(TunnelScene scene)
    {
        using var target = TargetServer.Listen();
        await scene.Ada.Tunnels.PublishAsync("echo", target.End);
        await using var tunnel = await scene.Bob.Tunnels.OpenAsync("ada", "echo", TunnelEnd.Tcp(0), LocalAccess.Anyone);
        using var client = await scene.ConnectAsync(tunnel);
        await client.SendAsync("ping"u8.ToArray());
        using var served = await target.AcceptAsync(scene.Patience);
        Assert.Equal("ping", await scene.ReadAsync(served, 4));
        await served.SendAsync("pong"u8.ToArray());
        Assert.Equal("pong", await scene.ReadAsync(client, 4));
        client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        served.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.Equal("", await scene.ReadToEndAsync(client));
    }

    private sealed class Record : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<int> Events { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Events.Enqueue(eventId.Id);

        public void Dispose()
        {
        }
    }
}
