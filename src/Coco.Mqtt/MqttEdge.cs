using Coco.Crypto;
using Coco.Hosting;
using Coco.Mqtt.Bus;
using Coco.Mqtt.Hosting;
using Coco.Mqtt.Sessions;
using Coco.Tunnels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Mqtt;

/// <summary>
/// An MQTT 3.1.1 and 5.0 server on this machine whose topics are those of a node's network: any MQTT client uses the mesh as its broker, with
/// none in the middle. Without a node it serves the clients of this machine among themselves.
/// </summary>
public sealed class MqttEdge : IAsyncDisposable
{
    private readonly MqttEdgeOptions _options;
    private readonly ILogger _logger;
    private readonly EdgeLoop _loop;
    private readonly ISessionLog _log;
    private readonly List<EdgeRealm> _realms = [];
    private readonly TaskSet _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly EdgeAdmission _admission;
    private LocalListener? _listener;
    private Task? _disposal;

    private MqttEdge(Node? node, MqttEdgeOptions options)
    {
        _options = options;
        _logger = options.LoggerFactory?.CreateLogger("Coco.Mqtt") ?? NullLogger.Instance;
        _log = new NoSessionLog();
        Token = options.Token ?? node?.Tunnels.Token ?? LocalToken.Generate();
        _admission = new(options, Token, _log, BrokerOf, node);
        _loop = new(options.TimeProvider, EndTurn, Fail);
    }

    /// <summary>Where it listens, with the port that the system chose.</summary>
    public TunnelEnd End => _listener!.End;

    /// <summary>What programs show as password with <see cref="LocalAccess.Token"/>.</summary>
    public LocalToken Token { get; }

    /// <summary>What it holds, as of a moment ago.</summary>
    public MqttStatistics Statistics { get; private set; } = new(0, 0, 0, 0);

    /// <summary>Starts a server.</summary>
    /// <param name="node">The node whose network it uses; null for none.</param>
    /// <param name="options">How. Default: at port 1883, for programs with the app's token.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="CocoException">It cannot listen there, or the store cannot be opened.</exception>
    public static Task<MqttEdge> StartAsync(Node? node, MqttEdgeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        cancellationToken.ThrowIfCancellationRequested();
        if (options.End.Kind is TunnelKind.Udp) { throw new CocoException(CocoError.Invalid, $"MQTT needs connections: {options.End} has none. Choose tcp or unix."); }
        var edge = new MqttEdge(node, options);
        try
        {
            edge.Listen();
        }
        catch
        {
            edge._disposal = edge._loop.DisposeAsync().AsTask();
            throw;
        }
        return Task.FromResult(edge);
    }

    /// <summary>Tells clients that the server stops, and ends. Sessions that outlive their connections are kept where there is a store.</summary>
    public ValueTask DisposeAsync()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new(Interlocked.CompareExchange(ref _disposal, source.Task, null) ?? CloseAsync(source));
    }

    private void Listen()
    {
        var gate = new Gate(_options.Access, Token, isAskedLater: true);
        gate.Check(_options.End);
        _listener = LocalListener.Open(_options.End, gate, new() { MaxConnections = _options.Limits.MaxConnections }, ServeAsync, static () => { });
        _logger.Listening(End.ToString(), _options.Access.ToString());
    }

    private Task ServeAsync(LocalListener listener, LocalConnection local)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isRunning = _connections.TryRun(async () =>
        {
            using var connection = new EdgeConnection(local.Socket, _loop, _options.Limits, _admission);
            await connection.RunAsync(_stopping.Token).ConfigureAwait(false);
            ended.SetResult();
        });
        if (isRunning) { return ended.Task; }
        local.Abort();
        return Task.CompletedTask;
    }

    private async Task CloseAsync(TaskCompletionSource source)
    {
        await _loop.RunAsync(now => _realms.ForEach(realm => realm.Broker.Stop(now))).ConfigureAwait(false);
        _stopping.CancelAfter(TimeSpan.FromSeconds(1));
        await _connections.WhenAllEnded().ConfigureAwait(false); // first, as the listener cuts off what is left
        await _listener!.DisposeAsync().ConfigureAwait(false);
        await _loop.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
        source.SetResult();
    }

    private Broker BrokerOf(Node? node)
    {
        var realm = _realms.Find(realm => realm.Node == node);
        if (realm is null)
        {
            realm = new(node, new Broker(_options.Limits, new NoBus(), _log, RandomSource.System, _loop.Post));
            _realms.Add(realm);
        }
        return realm.Broker;
    }

    private TimeSpan EndTurn(TimeSpan now)
    {
        var deadline = TimeSpan.MaxValue;
        foreach (var (_, broker) in _realms)
        {
            broker.HandleTimeout(now);
            broker.EndTurn(now);
            if (broker.Deadline < deadline) { deadline = broker.Deadline; }
        }
        Statistics = new(_realms.Sum(static realm => realm.Broker.Clients), _realms.Sum(static realm => realm.Broker.Sessions),
            _realms.Sum(static realm => realm.Broker.Dropped), _listener?.Statistics.Refused ?? 0);
        return deadline;
    }

    private void Fail(Exception exception)
    {
        _logger.Failed(_options.End.ToString(), exception);
        _stopping.Cancel();
    }

    private sealed record EdgeRealm(Node? Node, Broker Broker);
}
