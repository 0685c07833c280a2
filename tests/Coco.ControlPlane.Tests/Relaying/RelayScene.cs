using System.Net;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;
using Coco.Crypto;
using Coco.Transport;
using Coco.Traversal.Relays;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Coco.ControlPlane.Tests.Relaying;

/// <summary>Instances with relays on loopback, and nodes that reach each other by those alone.</summary>
internal sealed class RelayScene : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<IAsyncDisposable> _owned = [];
    private readonly List<IdentityKey> _keys = [];

    private RelayScene(TestPlane plane) => Plane = plane;

    public TestPlane Plane { get; }

    public RelayInstance Relay => Plane.Host.Services.GetRequiredService<RelayInstance>();

    public UsageStore Usage => Plane.Host.Services.GetRequiredService<UsageStore>();

    public RelayTermsTable Terms => Plane.Host.Services.GetRequiredService<RelayTermsTable>();

    public Database Database => Plane.Database;

    public static async Task<RelayScene> StartAsync(PostgreSqlServer? server, TimeSpan flushInterval, params (string Name, long BytesPerMonth)[] plans)
    {
        var relaying = new RelayingSettings { Listen = ["127.0.0.1:0"], FlushInterval = flushInterval, DrainTime = TimeSpan.Zero };
        foreach (var (name, bytes) in plans) { relaying.Plans[name] = new() { BytesPerMonth = bytes }; }
        return new(await TestPlane.StartAsync(server, settings => settings with { Relaying = relaying }));
    }

    /// <summary>An instance on SQLite that writes down what was used when it is asked to.</summary>
    public static Task<RelayScene> StartAsync() => StartAsync(null, TimeSpan.FromMinutes(10));

    /// <summary>An instance that carries for whoever comes.</summary>
    public static async Task<RelayScene> StartForStrangersAsync() => new(await TestPlane.StartAsync(
        null, static settings => settings with { Relaying = new() { Listen = ["127.0.0.1:0"], FlushInterval = TimeSpan.FromMinutes(10), DrainTime = TimeSpan.Zero, ServesStrangers = true } }));

    /// <summary>One more instance on the same database.</summary>
    public async Task<ControlPlaneHost> StartSecondAsync()
    {
        var relaying = Plane.Settings.Relaying with { KeyFile = Path.Combine(Plane.Settings.DataDirectory, $"relay{_owned.Count}.key"), DrainTime = TimeSpan.FromSeconds(2) };
        var host = await ControlPlaneHost.StartAsync(
            Plane.Settings with { Relaying = relaying },
            builder =>
            {
                builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Plane.Time));
                builder.Logging.ClearProviders().AddProvider(Plane.Log);
            });
        _owned.Add(host);
        return host;
    }

    /// <summary>A node of a network, or a stranger, that has its home at a relay.</summary>
    public async Task<Endpoint> StartNodeAsync(string? network, params RelayInfo[] relays)
    {
        var key = IdentityKey.Generate();
        _keys.Add(key);
        if (network is not null)
        {
            await Database.WriteAsync(session => RelayNodes.AddAsync(session, network, key.Id, NodeProof.Connection), default);
            await UntilAsync(() => Terms.IsMember(key.Id)); // until then it is a stranger, whom other strangers may not meet
        }
        var node = await Endpoint.StartAsync(new()
        {
            Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)], Relays = relays is [] ? [Relay.Info!] : relays, Policy = new() { RelayOnly = true },
        });
        _owned.Add(node);
        await UntilAsync(() => node.Record is { Relays.Count: > 0 });
        return node;
    }

    public static async Task<(Connection Client, Connection Server)> ConnectAsync(Endpoint caller, Endpoint callee)
    {
        var accepting = callee.AcceptAsync().AsTask();
        var client = await caller.ConnectAsync(callee.Id).WaitAsync(Patience);
        return (client, await accepting.WaitAsync(Patience));
    }

    public static async Task SendAsync(Connection from, Connection to, int length)
    {
        await using var sending = await from.OpenStreamAsync().AsTask().WaitAsync(Patience);
        var writing = WriteAsync();
        await using var receiving = await to.AcceptStreamAsync().AsTask().WaitAsync(Patience);
        var (buffer, received) = (new byte[1 << 16], 0);
        while (await receiving.ReadAsync(buffer).AsTask().WaitAsync(Patience) is var read and > 0) { received += read; }
        Assert.Equal(length, received);
        await writing;

        async Task WriteAsync()
        {
            await sending.WriteAsync(new byte[length]).AsTask().WaitAsync(Patience);
            await sending.CompleteWritesAsync().AsTask().WaitAsync(Patience);
        }
    }

    public Task<NetworkUsage> ReadAsync(string network) => Database.ReadAsync(session => Usage.ReadAsync(session, network, Usage.Month), default);

    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition()) { await Task.Delay(10, patience.Token); }
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = _owned.Count - 1; i >= 0; i--) { await _owned[i].DisposeAsync(); }
        await Plane.DisposeAsync();
        _keys.ForEach(static key => key.Dispose());
    }
}
