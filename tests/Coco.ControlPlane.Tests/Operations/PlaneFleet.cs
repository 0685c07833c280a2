using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Storage;
using Coco.Crypto;
using Coco.Crypto.KeyFiles;
using Coco.Transport;
using Coco.Transport.Udp;
using Coco.Traversal.Relays;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>Instances of the real program on one PostgreSQL, and nodes of one network that have their homes at their relays.</summary>
internal sealed class PlaneFleet : IAsyncDisposable
{
    public const string Network = "one";

    /// <summary>How often a relay writes down what was used of it; so much a kill may lose.</summary>
    public static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(3);
    private static readonly (int First, int Last) Ports = (20_000, 30_000); // below those that the system gives to others while an instance is away

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-plane-" + Guid.NewGuid().ToString("n")[..12]);
    private readonly CancellationTokenSource _patience;
    private readonly List<PlaneInstance> _instances = [];
    private readonly List<IdentityKey> _keys = [];
    private readonly List<Endpoint> _nodes = [];

    private PlaneFleet(string location, TimeSpan patience)
    {
        (Location, _patience) = (location, new(patience));
        Directory.CreateDirectory(_folder);
        ServerSecret.Open(Path.Combine(_folder, "secret"), mayCreate: true).Dispose();
    }

    public IReadOnlyList<PlaneInstance> Instances => _instances;

    public IReadOnlyList<Endpoint> Nodes => _nodes;

    /// <summary>The database's.</summary>
    public string Location { get; }

    /// <summary>Ends when a test has taken too long.</summary>
    public CancellationToken Patience => _patience.Token;

    public static async Task<PlaneFleet> StartAsync(PostgreSqlServer server, int count, TimeSpan patience)
    {
        var fleet = new PlaneFleet("postgres:" + await server.CreateDatabaseAsync(), patience);
        try
        {
            for (var i = 0; i < count; i++) { await fleet.StartInstanceAsync(i); }
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>The instance by whose relay a connection's data goes.</summary>
    public PlaneInstance InUse(Connection connection) => _instances.Single(instance => instance.IsAt(connection.ActivePath!.RemoteEndPoint));

    /// <summary>A node of the network that has its homes at relays; its ways to others are by those alone unless it may go directly.</summary>
    public async Task<Endpoint> StartNodeAsync(RelayInfo[] relays, bool isDirect = false)
    {
        var key = IdentityKey.Generate();
        _keys.Add(key);
        await using (var database = await OpenAsync())
        {
            await database.WriteAsync(session => RelayNodes.AddAsync(session, Network, key.Id, NodeProof.Connection), Patience);
        }
        var options = new TransportOptions { Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)], Relays = relays, Policy = new() { RelayOnly = !isDirect } };
        var node = await Endpoint.StartAsync(options with { Connection = options.Connection with { KeepAlive = KeepAlive } }, Patience);
        _nodes.Add(node);
        await UntilAsync(() => node.Record is { } record && record.Relays.Count == Math.Min(2, relays.Length));
        return node;
    }

    public async Task<(Connection Called, Connection Accepted)> ConnectAsync(Endpoint caller, Endpoint callee)
    {
        var accepting = callee.AcceptAsync(Patience).AsTask();
        var called = await caller.ConnectAsync(callee.Id, cancellationToken: Patience);
        return (called, await accepting);
    }

    /// <summary>One finds the other by its name alone, and they connect.</summary>
    public async Task RequireFoundAsync(Endpoint caller, Endpoint callee)
    {
        var (called, accepted) = await ConnectAsync(caller, callee);
        await using (called)
        await using (accepted) { Assert.Equal(callee.Id, called.PeerId); }
    }

    public Task<Database> OpenAsync() => Database.OpenAsync(Location, NullLogger.Instance, DatabaseUse.Tool, Patience);

    public async Task UntilAsync(Func<bool> condition)
    {
        while (!condition()) { await Task.Delay(10, Patience); }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) { await node.DisposeAsync(); }
        _instances.ForEach(static instance => instance.Dispose());
        _keys.ForEach(static key => key.Dispose());
        _patience.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartInstanceAsync(int number)
    {
        var key = IdentityKey.Generate();
        _keys.Add(key);
        var file = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"relay{number}.key"));
        KeyFile.WriteUnattended(file, key);
        IPEndPoint[] places = [new(IPAddress.Loopback, FreePort()), new(IPAddress.Loopback, FreePort())];
        string[] settings =
        [
            "--Database", Location, "--Rates:CallerPerSecond", "100000", "--Relaying:KeyFile", file, "--Relaying:Listen:0", $"{places[0]}", "--Relaying:WebSocketListen:0", $"{places[1]}",
            "--Relaying:FlushInterval", $"{FlushInterval}", "--Relaying:DrainTime", "0:00:01", "--Relaying:Plans:free:BytesPerMonth", "1000000000000",
        ];
        var instance = new PlaneInstance(
            () => PlaneProcess.StartAsync(_folder, settings), new(key.Id, [places[0].ToNetworkAddress()]), new(key.Id, [], $"wss://{places[1]}/coco"), places);
        _instances.Add(instance);
        await instance.StartAsync();
    }

    // For UDP and TCP: the relay takes both. It stays free while an instance is away.
    private static int FreePort()
    {
        while (true)
        {
            var place = new IPEndPoint(IPAddress.Loopback, Random.Shared.Next(Ports.First, Ports.Last));
            using var tcp = new Socket(SocketType.Stream, ProtocolType.Tcp);
            using var udp = new Socket(SocketType.Dgram, ProtocolType.Udp);
            try
            {
                tcp.Bind(place);
                udp.Bind(place);
                return place.Port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
