using System.Collections.Concurrent;
using System.Net;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Transport;
using Coco.Transport.Lookup;
using Coco.Transport.Network;
using Coco.Traversal.Hops;
using Coco.Traversal.Records;

namespace Coco;

/// <summary>
/// The sockets of a process, shared by its nodes: one UDP socket for each address it listens on serves all networks they are in. Networks do
/// not meet here: what is called as one node never reaches another.
/// </summary>
public sealed class CocoHost : IAsyncDisposable
{
    private readonly ConcurrentDictionary<NodeId, MemberLoop> _nodes = new();
    private Endpoint? _endpoint;
    private Task _accepting = Task.CompletedTask;

    private CocoHost(CocoHostOptions options) => Options = options;

    /// <summary>Where it listens, with the ports that the system chose.</summary>
    public IReadOnlyList<IPEndPoint> LocalEndPoints => Endpoint.LocalEndPoints;

    internal CocoHostOptions Options { get; }

    internal Endpoint Endpoint => _endpoint!;

    /// <summary>Opens the sockets.</summary>
    /// <param name="options">Where to listen; everywhere when null.</param>
    /// <param name="cancellationToken">Ends the start; nothing is left open then.</param>
    /// <exception cref="CocoException">The addresses cannot be listened on.</exception>
    public static Task<CocoHost> StartAsync(CocoHostOptions? options = null, CancellationToken cancellationToken = default) =>
        StartAsync(options ?? new(), null, cancellationToken);

    /// <summary>Starts on a network of the caller's, which stays the caller's.</summary>
    internal static Task<CocoHost> StartAsync(CocoHostOptions options, HostNetwork network) => StartAsync(options, network, default);

    private static async Task<CocoHost> StartAsync(CocoHostOptions options, HostNetwork? network, CancellationToken cancellationToken)
    {
        var host = new CocoHost(options);
        var transport = new TransportOptions
        {
            Identities = [],
            ListenAddresses = options.ListenAddresses,
            Relays = options.Relays,
            Policy = options.Policy,
            MapPorts = options.MapPorts,
            LoggerFactory = options.LoggerFactory,
            Lookup = new RecordDesk(host),
            HopRouter = new Router(host),
        };
        try
        {
            transport = options.Transport?.Invoke(transport) ?? transport;
            host._endpoint = network is null
                ? await Endpoint.StartAsync(transport, cancellationToken).ConfigureAwait(false)
                : await Endpoint.StartAsync(transport, network, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException exception)
        {
            throw Failures.Of(exception);
        }
        host._accepting = Task.Run(host.AcceptAsync, CancellationToken.None);
        return host;
    }

    /// <summary>Closes the sockets. Dispose of the nodes before. Twice is safe.</summary>
    public async ValueTask DisposeAsync()
    {
        await Endpoint.DisposeAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
    }

    /// <summary>Calls to a node go to its loop from now on.</summary>
    internal void Attach(MemberLoop node) => _nodes[node.Self] = node;

    /// <summary>Nobody answers to this identity any more; its connections are closed.</summary>
    internal async Task DetachAsync(NodeId node)
    {
        _nodes.TryRemove(node, out _);
        await Endpoint.RemoveIdentityAsync(node).ConfigureAwait(false);
    }

    private async Task AcceptAsync()
    {
        await foreach (var connection in Endpoint.AcceptAllAsync().ConfigureAwait(false))
        {
            // A node that has not joined yet calls, and is not called.
            if (_nodes.TryGetValue(connection.LocalId, out var node)) { await node.PostAsync(() => node.HandleAccepted(connection)).ConfigureAwait(false); }
            else { _ = connection.CloseAtOnceAsync((ulong)WireError.NotMember, ""); }
        }
    }

    /// <summary>Ways through the mesh: each node knows those of its network, and sessions never change from one to another.</summary>
    private sealed class Router(CocoHost host) : IHopRouter
    {
        public bool TryNextHop(in HopRequest request, ReadOnlySpan<NodeId> avoid, out NodeId next, out NodeId nextAim)
        {
            (next, nextAim) = (default, default);
            return RoutesOf(request) is { } routes && routes.TryNextHop(request, avoid, out next, out nextAim);
        }

        public bool MayForward(in HopRequest request) => RoutesOf(request)?.MayForward(request) == true;

        private RouteView? RoutesOf(in HopRequest request) => host._nodes.GetValueOrDefault(request.Self)?.Routes;
    }

    /// <summary>Where the endpoint brings address records, ours and those of peers: each node is told of those that concern it.</summary>
    private sealed class RecordDesk(CocoHost host) : IAddressLookup
    {
        // Nodes give what they know with each call.
        public ValueTask<AddressRecord?> FindAsync(NodeId id, CancellationToken cancellationToken = default) => default;

        public async ValueTask PublishAsync(AddressRecord record, CancellationToken cancellationToken = default)
        {
            foreach (var node in host._nodes.Values) { await node.PostAsync(() => node.HandleRecord(record)).ConfigureAwait(false); }
        }
    }
}
