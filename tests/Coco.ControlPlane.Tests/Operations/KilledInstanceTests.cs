using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Storage;
using Coco.Crypto;
using Coco.Crypto.KeyFiles;
using Coco.Tests.ControlPlanes;
using Coco.Transport;
using Coco.Transport.Udp;
using Coco.Traversal.Relays;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>Two instances of the real program on one PostgreSQL, of which one is killed while nodes and callers of the API use both.</summary>
public sealed class KilledInstanceTests(PostgreSqlServer server) : IAsyncLifetime
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(3);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-plane-" + Guid.NewGuid().ToString("n")[..12]);
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(2));
    private readonly List<IDisposable> _instances = [];
    private readonly List<IdentityKey> _keys = [];
    private readonly List<Endpoint> _nodes = [];
    private string _location = "";

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) { await node.DisposeAsync(); }
        _instances.ForEach(static instance => instance.Dispose());
        _keys.ForEach(static key => key.Dispose());
        _patience.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_flows_goes_on_within_two_seconds_who_is_idle_is_found_and_nothing_acknowledged_is_lost()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        _location = "postgres:" + await server.CreateDatabaseAsync();
        ServerSecret.Open(Path.Combine(_folder, "secret"), mayCreate: true).Dispose();
        Instance[] instances = [await StartInstanceAsync(1), await StartInstanceAsync(2)];
        var tokens = await AppLoad.SignInAsync(_location, 200);
        var relays = instances.Select(static instance => instance.Relay).ToArray();
        var (caller, callee, idle) = (await StartNodeAsync(relays), await StartNodeAsync(relays), await StartNodeAsync(relays));
        var (called, accepted) = await ConnectAsync(caller, callee);
        await UntilAsync(() => called.Paths.Count >= 2);

        // Writers at both, each until its instance does not answer any more, or the transfer is over.
        using var over = new CancellationTokenSource();
        var acknowledged = new ConcurrentBag<string>[] { [], [] };
        var writing = instances.Select((instance, i) => WriteAsync(instance.Process.Http, tokens, i, acknowledged[i], over.Token)).ToArray();
        await UntilAsync(() => acknowledged.All(static names => names.Count >= 10));
        var killed = instances[0];
        var killing = Task.CompletedTask;
        var longest = await WatchedTransfer.RunAsync(
            called,
            accepted,
            () =>
            {
                killed = InUse(instances, called);
                killing = killed.Process.KillAsync();
            },
            _patience.Token);
        await killing;
        await over.CancelAsync();
        await Task.WhenAll(writing);
        var left = instances.Single(instance => instance != killed);

        Assert.Same(left, InUse(instances, called));
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        TestContext.Current.TestOutputHelper?.WriteLine($"longest silence after the kill: {longest.TotalMilliseconds:f0} ms; {acknowledged.Sum(static names => names.Count)} writes acknowledged");

        // By its name alone, of the instance that is left; later, too, when it has seen that the other is gone.
        var other = await StartNodeAsync([left.Relay]);
        await RequireFoundAsync(other, idle);
        await UntilAsync(() => idle.Record is { Relays: [var only] } && only.Id == left.Relay.Id);
        await RequireFoundAsync(await StartNodeAsync([left.Relay]), idle);

        string[] there = [.. await AppLoad.ListAsync(left.Process.Http, tokens[..(tokens.Length / 2)]), .. await AppLoad.ListAsync(left.Process.Http, tokens[(tokens.Length / 2)..])];
        Assert.Empty(acknowledged.SelectMany(static names => names).Except(there, StringComparer.Ordinal));
        Assert.Equal(there.Distinct(StringComparer.Ordinal).Count(), there.Length);
    }

    // The tokens of a writer are its own, and so are the numbers of its apps.
    private static async Task WriteAsync(HttpClient http, string[] tokens, int writer, ConcurrentBag<string> acknowledged, CancellationToken cancellationToken)
    {
        for (var number = writer * tokens.Length / 2 * AppLoad.AppsOfEach; !cancellationToken.IsCancellationRequested && await AppLoad.CreateAsync(http, tokens, number); number++)
        {
            acknowledged.Add(string.Create(CultureInfo.InvariantCulture, $"app {number}"));
        }
    }

    private async Task RequireFoundAsync(Endpoint caller, Endpoint callee)
    {
        var (called, accepted) = await ConnectAsync(caller, callee);
        await using (called)
        await using (accepted) { Assert.Equal(callee.Id, called.PeerId); }
    }

    private async Task<(Connection Called, Connection Accepted)> ConnectAsync(Endpoint caller, Endpoint callee)
    {
        var accepting = callee.AcceptAsync(_patience.Token).AsTask();
        var called = await caller.ConnectAsync(callee.Id, cancellationToken: _patience.Token);
        return (called, await accepting);
    }

    private static Instance InUse(Instance[] instances, Connection connection) =>
        instances.Single(instance => instance.Relay.Addresses[0].ToIPEndPoint().Equals(connection.ActivePath!.RemoteEndPoint));

    private async Task<Instance> StartInstanceAsync(int number)
    {
        var key = IdentityKey.Generate();
        _keys.Add(key);
        var file = Path.Combine(_folder, $"relay{number}.key");
        KeyFile.WriteUnattended(file, key);
        var address = new IPEndPoint(IPAddress.Loopback, FreePort());
        var process = await PlaneProcess.StartAsync(
            _folder, "--Database", _location, "--Rates:CallerPerSecond", "100000", "--Relaying:Listen:0", $"{address}", "--Relaying:KeyFile", file);
        _instances.Add(process);
        return new(process, new(key.Id, [address.ToNetworkAddress()]));
    }

    private async Task<Endpoint> StartNodeAsync(RelayInfo[] relays)
    {
        var key = IdentityKey.Generate();
        _keys.Add(key);
        await using (var database = await Database.OpenAsync(_location, NullLogger.Instance, DatabaseUse.Tool, _patience.Token))
        {
            await database.WriteAsync(session => RelayNodes.AddAsync(session, "one", key.Id, NodeProof.Connection), _patience.Token);
        }
        var options = new TransportOptions { Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)], Relays = relays, Policy = new() { RelayOnly = true } };
        var node = await Endpoint.StartAsync(options with { Connection = options.Connection with { KeepAlive = KeepAlive } }, _patience.Token);
        _nodes.Add(node);
        await UntilAsync(() => node.Record is { } record && record.Relays.Count == relays.Length);
        return node;
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition()) { await Task.Delay(10, _patience.Token); }
    }

    // For UDP and TCP: the relay takes both.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed record Instance(PlaneProcess Process, RelayInfo Relay);
}
