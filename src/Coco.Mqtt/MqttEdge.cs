using Coco.Crypto;
using Coco.Hosting;
using Coco.Mqtt.Bus;
using Coco.Mqtt.Hosting;
using Coco.Mqtt.Sessions;
using Coco.Mqtt.Storing;
using Coco.Storage;
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
    // A message and what the row has besides; what the store takes at most.
    private const int MaxRow = 16 * 1024 * 1024;

    private readonly MqttEdgeOptions _options;
    private readonly ILogger _logger;
    private readonly EdgeLoop _loop;
    private readonly NodeStore? _store;
    private readonly List<EdgeRealm> _realms = [];
    private readonly TaskSet _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly EdgeAdmission _admission;
    private LocalListener? _listener;
    private Task? _disposal;

    private MqttEdge(Node? node, MqttEdgeOptions options, NodeStore? store)
    {
        (_options, _store) = (options, store);
        _logger = options.LoggerFactory?.CreateLogger("Coco.Mqtt") ?? NullLogger.Instance;
        Token = options.Token ?? node?.Tunnels.Token ?? LocalToken.Generate();
        _admission = new(options, Token, new NoSessionLog(), BrokerOf, node);
        _loop = new(options.TimeProvider, EndTurn, IsFull, Fail);
        // All realms from the start: sessions whose clients are away go on.
        foreach (var one in options.Users.Select(static user => user.Node).Append(node).Distinct()) { _realms.Add(NewRealm(one)); }
    }

    /// <summary>Where it listens, with the port that the system chose.</summary>
    public TunnelEnd End => _listener!.End;

    /// <summary>What programs show as password with <see cref="LocalAccess.Token"/>.</summary>
    public LocalToken Token { get; }

    /// <summary>What it holds, as of a moment ago.</summary>
    public MqttStatistics Statistics { get; private set; } = new(0, 0, 0, 0);

    /// <summary>How many clients this process has files for, by the limit it was started with (<c>ulimit -Hn</c>) less what it needs besides; null where there
    /// is none, or the system does not tell.</summary>
    public static int? ConnectionRoom => OpenFiles.Room;

    /// <summary>Starts a server.</summary>
    /// <param name="node">The node whose network it uses; null for none.</param>
    /// <param name="options">How. Default: at port 1883, for programs with the app's token.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="CocoException">It cannot listen there, or the store cannot be opened.</exception>
    public static async Task<MqttEdge> StartAsync(Node? node, MqttEdgeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        if (options.End.Kind is not (TunnelKind.Tcp or TunnelKind.Unix)) { throw new CocoException(CocoError.Invalid, $"MQTT clients connect by TCP or a Unix socket: {options.End} is neither. Choose tcp or unix."); }
        var edge = new MqttEdge(node, options, await OpenStoreAsync(options, cancellationToken).ConfigureAwait(false));
        try
        {
            await edge._loop.RunAsync(edge.Load).ConfigureAwait(false);
            edge.Listen();
            return edge;
        }
        catch
        {
            await edge._loop.DisposeAsync().ConfigureAwait(false);
            if (edge._store is { } store) { await store.DisposeAsync().ConfigureAwait(false); }
            throw;
        }
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
        _listener = LocalListener.Open(_options.End, gate, new() { MaxConnections = _options.Limits.MaxConnections }, new(_logger, _options.End.ToString(), isServed: false), ServeAsync, static () => { });
        _logger.Listening(End.ToString(), _options.Access.ToString());
        if (OpenFiles.Room < _options.Limits.MaxConnections) { _logger.FewFiles(End.ToString(), OpenFiles.Limit!.Value, _options.Limits.MaxConnections); }
    }

    private Task ServeAsync(LocalListener listener, LocalConnection local)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isRunning = _connections.TryRun(async () =>
        {
            using var connection = new EdgeConnection(local.Socket, _loop, _options.Limits, _admission, _logger);
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
        foreach (var realm in _realms) { await realm.Bus.DisposeAsync().ConfigureAwait(false); }
        await _loop.DisposeAsync().ConfigureAwait(false);
        foreach (var realm in _realms)
        {
            realm.Log?.Commit();
            if (realm.Log is { } log) { await log.WhenCommitted().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); }
        }
        if (_store is not null) { await _store.DisposeAsync().ConfigureAwait(false); }
        _stopping.Dispose();
        source.SetResult();
    }

    private static async Task<NodeStore?> OpenStoreAsync(MqttEdgeOptions options, CancellationToken cancellationToken)
    {
        if (options.StorePath is not { } path) { return null; }
        if (options.StoreKey is not { } key)
        {
            throw new CocoException(CocoError.Invalid, $"The store {path} needs a key: set {nameof(MqttEdgeOptions)}.{nameof(MqttEdgeOptions.StoreKey)} to a passphrase or an identity.");
        }
        try
        {
            var logger = options.LoggerFactory?.CreateLogger("Coco.Storage");
            return await NodeStore.OpenAsync(path, key, new() { MaxValueSize = MaxRow, Logger = logger }, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException exception)
        {
            throw Failures.Of(exception);
        }
    }

    private EdgeRealm NewRealm(Node? node)
    {
        StoreSessionLog? log = null;
        if (_store is not null) { log = new(_store, TablesOf(node), number => HandleDurable(node, number), failure => _logger.NotStored(_options.End.ToString(), failure.Message)); }
        ITopicBus bus = node is null ? new NoBus() : new MeshBus(node, HandleAsync, HandleTaken, _logger);
        return new(node, new Broker(_options.Limits, bus, log ?? (ISessionLog)new NoSessionLog(), RandomSource.System, _loop.Post), log, bus);

        Task HandleAsync(string filter, IReadOnlyList<BusMessage> messages, Action stored) => _loop.RunAsync(now => BrokerOf(node).HandleBusMessages(filter, messages, stored, now));
        void HandleTaken(string group, string filter, IReadOnlyList<UInt128> numbers) => _loop.Post(_ => BrokerOf(node).HandleTaken(group, filter, numbers));
    }

    // A table's name has at most 64 characters: half an identity tells nodes apart.
    private static SessionTables TablesOf(Node? node) => new(node is null ? "mqtt." : $"mqtt.{node.Id.ToString()[..26]}.");

    private void Load(TimeSpan now)
    {
        if (_store is null) { return; }
        foreach (var realm in _realms) { SessionLoader.Load(_store, TablesOf(realm.Node), realm.Log!, realm.Broker, _options.Limits, now); }
    }

    private void HandleDurable(Node? node, long number) => _loop.Post(now =>
    {
        var realm = RealmOf(node);
        realm.Log!.HandleDurable(number);
        realm.Broker.HandleDurable(now);
    });

    private Broker BrokerOf(Node? node) => RealmOf(node).Broker;

    private EdgeRealm RealmOf(Node? node) => _realms.Find(realm => realm.Node == node)!;

    private TimeSpan EndTurn(TimeSpan now)
    {
        var deadline = TimeSpan.MaxValue;
        foreach (var (_, broker, log, _) in _realms)
        {
            broker.HandleTimeout(now);
            log?.Commit();
            broker.EndTurn(now);
            if (broker.Deadline < deadline) { deadline = broker.Deadline; }
        }
        Statistics = new(_realms.Sum(static realm => realm.Broker.Clients), _realms.Sum(static realm => realm.Broker.Sessions),
            _realms.Sum(static realm => realm.Broker.Dropped), _admission.Refused + (_listener?.Statistics.Refused ?? 0));
        return deadline;
    }

    // One message for thousands of sessions is thousands of rows: those of a few messages are committed together, and not those of a whole turn.
    private bool IsFull() => _realms.Exists(static realm => realm.Log is { IsFull: true });

    private void Fail(Exception exception)
    {
        _logger.Failed(_options.End.ToString(), exception);
        _stopping.Cancel();
    }
}
