using Coco.Cli.Api;
using Coco.Cli.Commands;
using Coco.Mqtt;
using Coco.Storage;
using Coco.Tunnels;
using Microsoft.Extensions.Logging;

namespace Coco.Cli.Daemon;

/// <summary>The MQTT server of a held node: opened again at each start, until it is closed. One, as its sessions are in one file.</summary>
internal sealed class HeldMqtt(HeldNode held, StoreKey storeKey, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly SemaphoreSlim _changes = new(1); // one change at a time: settings and what is open stay the same
    private MqttEdge? _edge;
    private (int Clients, bool IsByFiles) _most;
    private string? _failure;

    /// <summary>Opens what was open before. What cannot be opened is shown, and tried again at the next start.</summary>
    /// <param name="logger">Where that is said.</param>
    /// <param name="nodeOf">The same caller's node of a network.</param>
    public async Task RestoreAsync(ILogger logger, Func<string, Node> nodeOf)
    {
        if (held.Settings.Mqtt is not { } wish) { return; }
        try
        {
            _edge = await StartAsync(wish, nodeOf, CancellationToken.None);
        }
        catch (Exception exception) when (exception is CocoException or ApiException or ArgumentException)
        {
            _failure = exception.Message;
            logger.MqttNotOpened(wish.Local, held.NetworkName, exception.Message);
        }
    }

    public async Task<MqttView> OpenAsync(MqttWish wish, Func<string, Node> nodeOf, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            if (_edge is { } open)
            {
                throw ApiException.Of(
                    CocoError.NameInUse, $"Network {held.NetworkName} has its MQTT server at {open.End} already. Close it first if it shall be another: `coco mqtt close`.");
            }
            _edge = await StartAsync(wish, nodeOf, cancellationToken);
            _failure = null;
            held.Keep(held.Settings with { Mqtt = wish with { Local = _edge.End.ToString() } }); // with the port that the system chose
            return View()!;
        }
        finally
        {
            _changes.Release();
        }
    }

    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            if (held.Settings.Mqtt is null)
            {
                throw ApiException.Of(CocoError.NotFound, $"Network {held.NetworkName} has no MQTT server here. `coco mqtt list` shows those there are.");
            }
            held.Keep(held.Settings with { Mqtt = null });
            await StopAsync();
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Stops it until the next start, as a node that it uses goes.</summary>
    public async Task SuspendAsync(string reason)
    {
        await _changes.WaitAsync();
        try
        {
            await StopAsync();
            _failure = reason;
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>The server as it is now; null where there is none.</summary>
    public MqttView? View()
    {
        if (held.Settings.Mqtt is not { } wish) { return null; }
        var figures = _edge?.Statistics;
        return new()
        {
            Network = held.NetworkName, Local = wish.Local, Access = wish.Access, Users = wish.Users.Count, Clients = figures?.Clients ?? 0,
            MaxClients = _edge is null ? 0 : _most.Clients, IsLimitedByFiles = _edge is not null && _most.IsByFiles, Sessions = figures?.Sessions ?? 0,
            Dropped = figures?.Dropped ?? 0, Refused = figures?.Refused ?? 0, Problem = _edge is null ? _failure ?? held.Failure : null,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _changes.WaitAsync();
        await StopAsync();
        _changes.Dispose();
    }

    private Task<MqttEdge> StartAsync(MqttWish wish, Func<string, Node> nodeOf, CancellationToken cancellationToken)
    {
        var (local, access) = (Words.EndOf(wish.Local), Words.AccessOf(wish.Access));
        if (local.Kind is not (TunnelKind.Tcp or TunnelKind.Unix)) { throw ApiException.Of(CocoError.Invalid, $"MQTT clients connect by TCP or a Unix socket: {local} is neither. Write a port, tcp:host:port or unix:path."); }
        Words.CheckAccess(local, access);
        _most = MostOf(wish.MaxConnections, MqttEdge.ConnectionRoom);
        var options = new MqttEdgeOptions
        {
            End = local, Access = access, StorePath = Path.Combine(held.Folder, "mqtt.db"), StoreKey = storeKey, LoggerFactory = loggers,
            Users = [.. wish.Users.Select(user => UserOf(user, nodeOf))], Limits = new() { MaxConnections = _most.Clients },
        };
        return MqttEdge.StartAsync(held.Node, options, cancellationToken);
    }

    /// <summary>How many clients there may be at once, and whether that is because there may be no more files.</summary>
    /// <param name="wanted">What was asked for; null for the server's own limit.</param>
    /// <param name="room">For how many this process may have files; null where there is no limit.</param>
    /// <exception cref="ApiException">It is no number that a server takes, or more than there may be files.</exception>
    internal static (int Clients, bool IsByFiles) MostOf(int? wanted, int? room)
    {
        if (wanted is < 1 or > MqttCommand.MostConnections) { throw ApiException.Of(CocoError.Invalid, $"An MQTT server takes from 1 to {MqttCommand.MostConnections} clients at once, not {wanted}."); }
        var most = wanted ?? new MqttLimits().MaxConnections;
        if (room is not { } fit || most <= fit) { return (most, false); }
        return wanted is null
            ? (fit, true)
            : throw ApiException.Of(CocoError.Invalid, $"The daemon may have files open for {fit} MQTT clients at once, not for {wanted}. "
                + "Ask for fewer with --max-connections, or raise the hard limit where the daemon is started (`ulimit -Hn`, LimitNOFILE= of systemd) and start it again.");
    }

    private MqttUser UserOf(MqttUserWish user, Func<string, Node> nodeOf)
    {
        var node = user.Network is null ? held.Node : nodeOf(user.Network);
        if (user.ClientId is { Length: > 0 } client) { return MqttUser.WithClientId(node, client); }
        if (user.Name is not { Length: > 0 } name || user.PasswordHash is not { } hash) { throw ApiException.Of(CocoError.Invalid, "A user of MQTT has a name and a password's hash, or a client identifier."); }
        try
        {
            return MqttUser.WithPasswordHash(node, name, hash);
        }
        catch (FormatException exception)
        {
            throw ApiException.Of(CocoError.InvalidText, $"User {name}: {exception.Message} `coco mqtt passwd FILE {name}` writes one.");
        }
    }

    private async Task StopAsync()
    {
        (var edge, _edge, _failure) = (_edge, null, null);
        if (edge is not null) { await edge.DisposeAsync(); }
    }
}
