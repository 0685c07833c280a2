using System.Security.Cryptography;
using System.Text.Json;
using Coco.Cli.Api;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Storage;
using Coco.Tunnels;
using Microsoft.Extensions.Logging;

namespace Coco.Cli.Daemon;

/// <summary>The nodes that the daemon holds, on the sockets of one host: at most one of the user's and one of each app's in a network.</summary>
internal sealed class HeldNodes(Places places, CocoHost host, StoreKey storeKey, DaemonOptions options, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger("Coco.Daemon");
    private readonly Lock _lock = new(); // guards the list
    private readonly List<HeldNode> _held = [];
    private readonly SemaphoreSlim _beginnings = new(1); // one node begins or ends at a time: two joins with one ticket would take one folder

    public IReadOnlyList<string> Addresses => [.. host.LocalEndPoints.Select(static address => address.ToString())];

    /// <summary>Starts what was held before. Who does not start is said, and keeps nobody else from starting.</summary>
    public async Task StartAllAsync(CancellationToken cancellationToken)
    {
        foreach (var folder in Directory.EnumerateDirectories(places.Networks).Order(StringComparer.Ordinal))
        {
            if (ReadSettings(folder) is not { } settings) { continue; }
            var held = new HeldNode(folder, settings, storeKey, loggers);
            try
            {
                held.Running = await Node.StartAsync(OptionsOf(held, null), cancellationToken);
                if (settings.IsPending || settings.Network != held.NetworkName) { held.Keep(settings with { IsPending = false, Network = held.NetworkName }); }
                if (!held.Running.IsRemoved)
                {
                    await held.Tunnels.RestoreAsync(_logger);
                }
            }
            catch (CocoException exception)
            {
                if (settings.IsPending) { continue; } // it has not joined: joining with the same ticket goes on
                held.Failure = exception.Message;
                _logger.NodeNotStarted(settings.Network, exception.Message);
            }
            Add(held);
        }
        // Last, as a server may have users of several networks.
        foreach (var held in All.Where(static one => one.Running is { IsRemoved: false })) { await held.Mqtt.RestoreAsync(_logger, name => NodeOf(held.Settings.App, name)); }
    }

    private Node NodeOf(string? app, string network)
    {
        lock (_lock)
        {
            return _held.Find(one => one.Settings.App == app && one.Answers(network))?.Node
                ?? throw ApiException.Of(CocoError.NotFound, $"There is no network {network} here, whose topics a user of MQTT was to have.");
        }
    }

    /// <summary>The nodes that the caller may use.</summary>
    public IReadOnlyList<HeldNode> Of(ApiCaller caller)
    {
        lock (_lock) { return [.. _held.Where(one => one.Settings.App == caller.App).OrderBy(static one => one.NetworkName, StringComparer.Ordinal)]; }
    }

    /// <summary>All nodes, for the user to see.</summary>
    public IReadOnlyList<HeldNode> All
    {
        get
        {
            lock (_lock) { return [.. _held]; }
        }
    }

    /// <summary>The caller's node in a network, by the network's name or the beginning of its key; its only one where no name is given.</summary>
    public HeldNode Find(ApiCaller caller, string? network)
    {
        var nodes = Of(caller);
        if (nodes.Count == 0)
        {
            throw ApiException.Of(CocoError.NotFound, "There is no network here yet. `coco net create NAME` founds one, `coco join TICKET` joins one.");
        }
        if (network is null)
        {
            return nodes.Count == 1 ? nodes[0] : throw ApiException.Of(CocoError.Invalid, $"There are {nodes.Count} networks here: say which with `--network`: {Names(nodes)}.");
        }
        var found = nodes.Where(one => one.Answers(network)).ToArray();
        return found.Length switch
        {
            1 => found[0],
            0 => throw ApiException.Of(
                CocoError.NotFound, $"There is no network {network} here.{Spelling.Suggest(network, nodes.Select(static one => one.NetworkName))} `coco net list` lists those there are."),
            _ => throw ApiException.Of(CocoError.Invalid, $"{found.Length} networks here are called {network}. Say which by its key, as `coco net list` shows it."),
        };
    }

    public Task<HeldNode> CreateAsync(ApiCaller caller, NetworkWish wish, CancellationToken cancellationToken)
    {
        if (Of(caller).Any(one => one.NetworkName == wish.Name))
        {
            throw ApiException.Of(CocoError.NameInUse, $"There is a network {wish.Name} here already. Choose another name, or leave that one: `coco net leave {wish.Name}`.");
        }
        var network = new NetworkOptions { Name = wish.Name, Profile = wish.IsOpen ? NetworkProfile.Open : NetworkProfile.Private };
        var folder = RandomNumberGenerator.GetHexString(12, lowercase: true);
        return BeginAsync(caller, folder, wish.Name, wish.NodeName, nodeOptions => Node.CreateNetworkAsync(network, nodeOptions, cancellationToken), cancellationToken);
    }

    public Task<HeldNode> JoinAsync(ApiCaller caller, Ticket ticket, string? nodeName, CancellationToken cancellationToken)
    {
        if (Of(caller).FirstOrDefault(one => one.NetworkId == ticket.Network.ToString()) is { } there)
        {
            throw ApiException.Of(
                CocoError.Invalid, $"There is a node in network {there.NetworkName} here already. Leave it first if it shall be another: `coco net leave {there.NetworkName} --yes`.");
        }
        // By the ticket's name, so that joining again goes on where it stopped.
        return BeginAsync(caller, $"{ticket.Id}", $"{ticket.Network}"[..8], nodeName, nodeOptions => Node.JoinAsync(ticket, nodeOptions, cancellationToken), cancellationToken);
    }

    /// <summary>Ends a node and forgets its keys.</summary>
    public async Task LeaveAsync(HeldNode held, CancellationToken cancellationToken)
    {
        await _beginnings.WaitAsync(cancellationToken);
        try
        {
            lock (_lock) { _held.Remove(held); }
            foreach (var other in All.Where(other => other.Settings.App == held.Settings.App && (other.Settings.Mqtt?.Users.Any(user => user.Network is { } network && held.Answers(network)) ?? false)))
            {
                await other.Mqtt.SuspendAsync($"Some of its users had the topics of {held.NetworkName}, which was left. Close it, and open it with a file that does not name that: `coco mqtt open --users`.");
            }
            await held.DisposeAsync();
            Directory.Delete(held.Folder, recursive: true);
            _logger.Left(held.NetworkName);
        }
        finally
        {
            _beginnings.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var held in All.Where(static one => one.Settings.Mqtt is { Users.Count: > 0 })) { await held.Mqtt.SuspendAsync("The daemon stops."); } // they use nodes of others
        await Task.WhenAll(All.Select(static one => one.DisposeAsync().AsTask()));
        await host.DisposeAsync();
        _beginnings.Dispose();
    }

    private async Task<HeldNode> BeginAsync(
        ApiCaller caller, string folderName, string network, string? nodeName, Func<NodeOptions, Task<Node>> begin, CancellationToken cancellationToken)
    {
        await _beginnings.WaitAsync(cancellationToken);
        try
        {
            var folder = Path.Combine(places.Networks, caller.App is { } app ? $"{app}-{folderName}" : folderName);
            Directory.CreateDirectory(folder);
            var held = new HeldNode(folder, new() { Network = network, App = caller.App, IsPending = true, TunnelToken = LocalToken.Generate().Reveal() }, storeKey, loggers);
            try
            {
                held.Keep(held.Settings);
                held.Running = await begin(OptionsOf(held, nodeName));
                held.Keep(held.Settings with { Network = held.NetworkName, IsPending = false });
            }
            catch (Exception exception) when (exception is not (OperationCanceledException or CocoException { IsTransient: true }))
            {
                // What can go on is kept; what cannot would only be in the way.
                await held.DisposeAsync();
                Directory.Delete(folder, recursive: true);
                throw;
            }
            Add(held);
            return held;
        }
        finally
        {
            _beginnings.Release();
        }
    }

    private void Add(HeldNode held)
    {
        lock (_lock) { _held.Add(held); }
    }

    private NodeOptions OptionsOf(HeldNode held, string? nodeName) => new()
    {
        Name = nodeName ?? Environment.MachineName,
        App = held.Settings.App is { } app ? new Cluster.AppId(app) : null,
        Host = host,
        StorePath = held.StorePath,
        StoreKey = storeKey,
        DiscoverOnLan = options.DiscoversOnLan,
        Class = options.Class,
        Forwards = options.Forwards ? null : false,
        TrustsClock = options.TrustsClock,
        TimeProvider = options.Time,
        JoinTimeout = options.JoinTimeout,
        LoggerFactory = loggers,
        Tunnels = new() { Token = LocalToken.Of(held.Settings.TunnelToken) },
    };

    private NodeSettings? ReadSettings(string folder)
    {
        var file = Path.Combine(folder, NodeSettings.FileName);
        try
        {
            var settings = JsonSerializer.Deserialize(File.ReadAllBytes(file), ApiJson.Default.NodeSettings);
            if (settings is { Format: NodeSettings.CurrentFormat }) { return settings; }
            _logger.SettingsUnknown(file, "it is of another version of coco");
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            _logger.SettingsUnknown(file, exception.Message);
        }
        return null;
    }

    private static string Names(IEnumerable<HeldNode> nodes) => string.Join(", ", nodes.Select(static one => one.NetworkName));
}
