using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Coco.Crypto;
using Coco.Transport.Lookup;
using Coco.Transport.Loop;
using Coco.Transport.Network;
using Coco.Transport.Udp;
using Coco.Traversal.Finding;
using Coco.Traversal.Roaming;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Transport;

/// <summary>
/// Calls nodes by their identity and is called by them, over whatever way there is. One endpoint serves all connections of a process,
/// with one UDP socket for each address it listens on.
/// </summary>
public sealed partial class Endpoint : IAsyncDisposable
{
    private readonly TransportOptions _options;
    private readonly EndpointLoop _loop;
    private readonly HostNetwork? _ownNetwork;
    private readonly HashSet<Connection> _connections = []; // the loop's
    private readonly Channel<Connection> _accepted;
    private readonly RelayPresence? _presence;
    private Task? _disposal;

    private Endpoint(TransportOptions options, HostNetwork network, HostNetwork? ownNetwork)
    {
        _options = options;
        _ownNetwork = ownNetwork;
        _accepted = Channel.CreateBounded<Connection>(
            new BoundedChannelOptions(options.AcceptBacklog) { SingleWriter = true, AllowSynchronousContinuations = options.InlineContinuations });
        var logger = options.LoggerFactory?.CreateLogger("Coco.Transport") ?? NullLogger.Instance;
        _loop = new(RoamingOptionsOf(options), options, network, logger) { Owner = this };
        if (options is { RelayServer: not null, RelayPresence: { } presence }) { _presence = new(_loop, presence); }
        LocalEndPoints = _loop.LocalEndPoints;
        WebSocketEndPoints = _loop.WebSocketEndPoints;
        _identities = [.. options.Identities.Zip(_loop.Core.Nodes, static (key, node) => new LocalIdentity(key, new()) { Node = node })];
    }

    /// <summary>What runs it, for tests.</summary>
    internal EndpointLoop Loop => _loop;

    /// <summary>Where the endpoint listens, with the ports that the system chose.</summary>
    public IReadOnlyList<IPEndPoint> LocalEndPoints { get; }

    /// <summary>Where WebSockets are listened for, with the ports that the system chose.</summary>
    public IReadOnlyList<IPEndPoint> WebSocketEndPoints { get; }

    /// <summary>Opens the sockets and begins to serve.</summary>
    /// <param name="options">Who the endpoint is, and how it behaves.</param>
    /// <param name="cancellationToken">Ends the start; nothing is left open then.</param>
    /// <exception cref="TransportException">The addresses cannot be listened on.</exception>
    public static Task<Endpoint> StartAsync(TransportOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var network = new SystemNetwork();
        try
        {
            return StartAsync(options, network, network, cancellationToken);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Starts on a network of the caller's, which stays the caller's.</summary>
    internal static Task<Endpoint> StartAsync(TransportOptions options, HostNetwork network, CancellationToken cancellationToken = default) =>
        StartAsync(options, network, null, cancellationToken);

    /// <inheritdoc cref="Links.LinkSet.ServeWebSocketAsync(IPEndPoint, Socket?, Func{CancellationToken, Task{Stream}})"/>
    internal Task<bool> ServeWebSocketAsync(IPEndPoint remote, Socket? socket, Func<CancellationToken, Task<Stream>> upgrade) => _loop.ServeWebSocketAsync(remote, socket, upgrade);

    /// <summary>Calls a node.</summary>
    /// <param name="peer">Its identity, which whoever answers has to prove.</param>
    /// <param name="hints">What is known of where it is.</param>
    /// <param name="cancellationToken">Takes the call back.</param>
    /// <exception cref="InvalidOperationException">The endpoint has no identity to call as.</exception>
    /// <exception cref="TimeoutException">Nobody with that identity answered in time.</exception>
    /// <exception cref="TransportException">There is no way to call, or the call was turned away.</exception>
    public Task<Connection> ConnectAsync(NodeId peer, ConnectHints? hints = null, CancellationToken cancellationToken = default)
    {
        if (peer.IsDefault) { throw new ArgumentException("The identity to call is missing.", nameof(peer)); }
        ObjectDisposedException.ThrowIf(_disposal is not null, this);
        if (cancellationToken.IsCancellationRequested) { return Task.FromCanceled<Connection>(cancellationToken); }
        hints ??= new();
        return hints.Record is null && _options.Lookup is { } lookup
            ? LookUpAndConnectAsync(lookup, peer, hints, cancellationToken)
            : CallAsync(peer, hints, cancellationToken);
    }

    private async Task<Connection> LookUpAndConnectAsync(IAddressLookup lookup, NodeId peer, ConnectHints hints, CancellationToken cancellationToken)
    {
        var record = await lookup.FindAsync(peer, cancellationToken).ConfigureAwait(false);
        return await CallAsync(peer, record is null ? hints : hints with { Record = record }, cancellationToken).ConfigureAwait(false);
    }

    private Task<Connection> CallAsync(NodeId peer, ConnectHints hints, CancellationToken cancellationToken)
    {
        var timeout = hints.Timeout ?? _options.ConnectTimeout;
        var target = new RoamingTarget(peer)
        {
            Addresses = [.. hints.Addresses.Select(address => address.ToNetworkAddress())],
            Url = hints.Url,
            Relays = hints.Relays,
            Record = hints.Record,
            As = CallerOf(hints),
            ViaMesh = hints.ViaMesh,
            Patience = timeout,
        };
        var request = new ConnectRequest(this, _loop, target, timeout);
        if (!_loop.TryPost(request)) { throw Overloaded(); }
        return request.WaitAsync(cancellationToken);
    }

    /// <summary>The next connection that a peer opened.</summary>
    /// <exception cref="ObjectDisposedException">The endpoint is disposed.</exception>
    public async ValueTask<Connection> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _accepted.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw Ended();
        }
    }

    /// <summary>The connections that peers open, until the endpoint is disposed.</summary>
    public IAsyncEnumerable<Connection> AcceptAllAsync(CancellationToken cancellationToken = default) => _accepted.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Closes all connections, as <see cref="Connection.CloseAsync"/> does, then the sockets. Twice is safe.</summary>
    public ValueTask DisposeAsync()
    {
        if (Volatile.Read(ref _disposal) is { } running) { return new(running); }
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _disposal, source.Task, null) is { } other) { return new(other); }
        return new(StopAsync(source));
    }

    internal static ObjectDisposedException Ended() => new(nameof(Endpoint), "The endpoint is disposed, and its connections are closed.");

    internal static TransportException Overloaded() =>
        new(TransportError.Overloaded, "Tens of thousands of calls to the endpoint wait to be served already. Await some before more.");

    private static Task<Endpoint> StartAsync(TransportOptions options, HostNetwork network, HostNetwork? ownNetwork, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var endpoint = new Endpoint(options, network, ownNetwork);
            endpoint._loop.Logger.Listening(string.Join(", ", endpoint.Identities), string.Join(", ", endpoint.LocalEndPoints));
            endpoint._loop.Start();
            endpoint.StartPortMapping();
            return Task.FromResult(endpoint);
        }
        catch (SocketException exception)
        {
            throw new TransportException(
                TransportError.AddressUnavailable,
                $"Cannot listen on {string.Join(", ", options.ListenAddresses)}: {exception.Message}. Choose another address, or port 0.",
                innerException: exception);
        }
    }

    private static RoamingOptions RoamingOptionsOf(TransportOptions options) => new()
    {
        Identities = options.Identities,
        AcceptConnections = options.AcceptConnections,
        Connection = options.Connection,
        MaxConnections = options.MaxConnections,
        StatelessResetKey = options.StatelessResetKey,
        Finding = PathFinderOptions.Default with { Policy = options.Policy },
        Relays = options.Relays,
        RelayServer = options.RelayServer is { } relay ? relay with { HasPresence = options.RelayPresence is not null } : null,
        StunServers = [.. options.StunServers.Select(address => address.ToNetworkAddress())],
        UsesTcp = options.UseTcp,
        HopRouter = options.HopRouter,
        Hops = options.Hops,
        // The loop's time begins at one second. Only expiry dates of address records depend on it.
        UnixSecondsAtZero = (ulong)Math.Max(0, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 1),
    };
}
