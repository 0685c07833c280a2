using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Quic.Paths;
using Coco.Traversal.Links;
using Microsoft.Extensions.Logging;

namespace Coco.Traversal.Roaming;

/// <summary>
/// All that one host's sockets serve, as a core: connections to nodes that find their own ways, probes, relays, STUN. Datagrams, the
/// host's network and the time go in; datagrams, commands to the host and news of connections come out.
/// </summary>
internal sealed partial class RoamingEndpoint : IDisposable
{
    private readonly HashSet<RoamingConnection> _connections = [];
    private readonly TimerHeap<RoamingConnection> _timers = new();
    private readonly Queue<RoamingConnection> _accepted = new();
    private readonly Queue<RoamingConnection> _ready = new();
    private readonly Queue<HostCommand> _commands = new();
    private readonly PathTable _paths;
    private readonly QuicEndpoint _quic;
    private readonly RandomSource _random;
    private NetworkSnapshot? _network;

    public RoamingEndpoint(RoamingOptions options, RandomSource random, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        Options = options;
        _random = random;
        var tagKey = new byte[32];
        random.Fill(tagKey);
        _paths = new(tagKey, options.MaxPaths);
        _quic = new(
            new()
            {
                Identities = options.Identities,
                AcceptConnections = options.AcceptConnections,
                ApplicationProtocols = [RoamingOptions.PeerProtocol, RoamingOptions.RelayProtocol],
                Connection = options.Connection,
                MaxConnections = options.MaxConnections,
                StatelessResetKey = options.StatelessResetKey,
                ReportsReady = true,
            },
            random,
            logger);
    }

    public RoamingOptions Options { get; }

    /// <summary>Connections to nodes that are open or being opened.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>The way that a path of a connection stands for.</summary>
    public PathAddress WayOf(PathId path) => _paths[path];

    /// <summary>When <see cref="HandleTimeout"/> is next due; null for never.</summary>
    public TimeSpan? Deadline
    {
        get
        {
            var earliest = Min(_quic.Deadline ?? TimeSpan.MaxValue, TimeSpan.FromTicks(_timers.Earliest));
            return earliest == TimeSpan.MaxValue ? null : earliest;
        }
    }

    /// <summary>Calls a node.</summary>
    public RoamingConnection Connect(RoamingTarget target, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(target);
        var connection = new RoamingConnection(this, target);
        _connections.Add(connection);
        if (_network is not null) { connection.Dial(now); }
        return connection;
    }

    /// <summary>The next connection that a peer has opened.</summary>
    public bool TryAccept([NotNullWhen(true)] out RoamingConnection? connection) => _accepted.TryDequeue(out connection);

    /// <summary>The next connection with news since it was last taken here.</summary>
    public bool TryTakeReady([NotNullWhen(true)] out RoamingConnection? connection)
    {
        if (!_ready.TryDequeue(out connection)) { return false; }
        connection.IsReady = false;
        return true;
    }

    /// <summary>The next thing the host has to do.</summary>
    public bool TryTakeCommand([NotNullWhen(true)] out HostCommand? command) => _commands.TryDequeue(out command);

    /// <summary>The host's sockets and addresses: at the start, and whenever they change.</summary>
    public void HandleNetwork(NetworkSnapshot snapshot, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        _network = snapshot;
        foreach (var connection in _connections.ToArray()) { connection.Dial(now); }
        Settle(now);
    }

    /// <summary>Lets time pass.</summary>
    public void HandleTimeout(TimeSpan now)
    {
        _quic.HandleTimeout(now);
        while (_timers.TryTakeDue(now.Ticks, out var connection))
        {
            connection.HandleTimeout(now);
            SetTimer(connection);
        }
        if (_paths.WantsSweep) { SweepPaths(); }
        Settle(now);
    }

    public void Dispose() => _quic.Dispose();

    internal void MarkReady(RoamingConnection connection)
    {
        if (connection.IsReady) { return; }
        connection.IsReady = true;
        _ready.Enqueue(connection);
    }

    /// <summary>The connection's deadline may have changed.</summary>
    internal void SetTimer(RoamingConnection connection)
    {
        if (connection.State is not RoamingState.Closed) { _timers.Set(connection, connection.Deadline.Ticks); }
    }

    internal void Accept(RoamingConnection connection) => _accepted.Enqueue(connection);

    internal void Forget(RoamingConnection connection)
    {
        _connections.Remove(connection);
        _timers.Remove(connection);
    }

    /// <summary>The socket from which an address can be reached. False when there is none, or the address is no host's.</summary>
    internal bool TryLinkTo(in NetworkAddress address, out Link link)
    {
        link = default;
        if (!address.IsSendable) { return false; }
        foreach (var socket in _network?.Sockets ?? [])
        {
            if (!(address.IsIpv4 ? socket.IsIpv4 : socket.IsIpv6)) { continue; }
            link = new(LinkKind.Udp, socket.Number, address);
            return true;
        }
        return false;
    }

    /// <summary>Opens a connection over one way.</summary>
    internal bool TryConnect(QuicUser user, RoamingTarget target, in PathAddress way, TimeSpan now, [NotNullWhen(true)] out QuicConnection? quic)
    {
        quic = null;
        if (!_paths.TryGet(way, out var path)) { return false; }
        quic = _quic.Connect(path, new(target.Peer, target.Identity ?? Options.Identities[0]) { ApplicationProtocols = [RoamingOptions.PeerProtocol] }, now);
        quic.Tag = user;
        return true;
    }

    // Everything that datagrams and time have set off, until nothing is left.
    private void Settle(TimeSpan now)
    {
        while (_quic.TryAccept(out var accepted))
        {
            if (accepted.ApplicationProtocol != RoamingOptions.PeerProtocol)
            {
                accepted.Close(ControlMessage.ProtocolError, "This node is no relay.", now);
                continue;
            }
            _connections.Add(new(this, accepted));
        }
        while (_quic.TryTakeReady(out var quic)) { (quic.Tag as QuicUser)?.HandleReady(quic, now); }
    }

    private void SweepPaths()
    {
        var inUse = new HashSet<int>();
        foreach (var connection in _connections) { connection.AddPathsTo(inUse); }
        _paths.Sweep(inUse);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
