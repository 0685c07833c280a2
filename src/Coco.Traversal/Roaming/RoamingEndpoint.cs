using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Quic.Paths;
using Coco.Quic.Streams;
using Coco.Traversal.Finding;
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
    private readonly Dictionary<NodeId, List<RoamingConnection>> _connectionsByPeer = [];
    private readonly TimerHeap<Timed> _timers = new();
    private readonly List<Timed> _due = [];
    private readonly Queue<RoamingConnection> _accepted = new();
    private readonly Queue<RoamingConnection> _ready = new();
    private readonly SilentBudget _silentBudget;
    private readonly PathTable _paths;
    private readonly QuicEndpoint _quic;
    private readonly RandomSource _random;
    private readonly ILogger? _logger;

    public RoamingEndpoint(RoamingOptions options, RandomSource random, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        (Options, _random, _logger) = (options, random, logger);
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
        _nodes = [.. options.Identities.Select(identity => NodeOf(identity, options.Relays, TimeSpan.Zero))];
        _prober = new(options.Nat, random, logger);
        _trials = [new(isIpv4: true, random), new(isIpv4: false, random)];
        _hops = new(options.Hops, options.HopRouter, random, logger);
        _stunLimit = new(new(), random);
        _silentBudget = new(options.SilentProbesPerMinute, Math.Max(24, options.SilentProbesPerMinute / 400));
        if (options.RelayServer is { } relay) { _relayServer = new(relay, random, logger); }
    }

    public RoamingOptions Options { get; }

    /// <summary>Connections to nodes that are open or being opened.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>When <see cref="HandleTimeout"/> is next due; null for never.</summary>
    public TimeSpan? Deadline
    {
        get
        {
            var earliest = TimeSpan.FromTicks(_timers.Earliest);
            if (_quic.Deadline is { } quic && quic < earliest) { earliest = quic; }
            if (_prober.Deadline is { } prober && prober < earliest) { earliest = prober; }
            if (_suspectAt < earliest) { earliest = _suspectAt; }
            foreach (var trials in _trials) { if (trials.Deadline < earliest) { earliest = trials.Deadline; } }
            if (HopDeadline is var hops && hops < earliest) { earliest = hops; }
            if (_relayServer?.Deadline is { } relay && relay < earliest) { earliest = relay; }
            return earliest == TimeSpan.MaxValue ? null : earliest;
        }
    }

    /// <summary>Counts of the ways and tables that peers and strangers can make grow; for tests and metrics.</summary>
    public int PathCount => _paths.Count;

    /// <inheritdoc cref="PathCount"/>
    public int RelayLinkCount => _relays.Count;

    internal QueuePool<RoamingEvent> Events { get; } = new();

    internal QueuePool<StreamEvent> StreamEvents { get; } = new();

    internal ArrayBufferWriter<byte> SignalBuffer { get; } = new(1024);

    /// <summary>Calls a node.</summary>
    public RoamingConnection Connect(RoamingTarget target, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(target);
        var node = CallerOf(target) ?? throw new ArgumentException("A call needs an identity of this endpoint's to call as.", nameof(target));
        var connection = new RoamingConnection(this, target, node);
        Remember(connection);
        if (HasNetwork) { connection.Dial(now); }
        return connection;
    }

    /// <summary>The next connection that a peer has opened.</summary>
    public bool TryAccept([NotNullWhen(true)] out RoamingConnection? connection) => _accepted.TryDequeue(out connection);

    /// <summary>Whether there is something to take: a connection that was opened or has news, or something to ask of the host.</summary>
    internal bool HasNews => _accepted.Count > 0 || _ready.Count > 0 || _commands.Count > 0;

    /// <summary>The next connection with news since it was last taken here.</summary>
    public bool TryTakeReady([NotNullWhen(true)] out RoamingConnection? connection)
    {
        if (!_ready.TryDequeue(out connection)) { return false; }
        connection.IsReady = false;
        return true;
    }

    /// <summary>Lets time pass.</summary>
    public void HandleTimeout(TimeSpan now)
    {
        _quic.HandleTimeout(now);
        _relayServer?.HandleTimeout(now);
        _hops.HandleTimeout(now);
        if (now >= _suspectAt) { SuspectNat(now); }
        _prober.HandleTimeout(now);
        foreach (var trials in _trials) { trials.HandleTimeout(now); }
        // Once each: one whose probes are due stays due until they have been taken.
        while (_timers.TryTakeDue(now.Ticks, out var item)) { _due.Add(item); }
        foreach (var item in _due)
        {
            item.HandleTimeout(now);
            SetTimer(item);
        }
        _due.Clear();
        if (_paths.WantsSweep(now)) { SweepPaths(now); }
        Settle(now);
    }

    public void Dispose() => _quic.Dispose();

    /// <summary>The deadline of something may have changed.</summary>
    internal void SetTimer(Timed item)
    {
        if (item is RoamingConnection { State: RoamingState.Closed } || item is RelayLink { IsClosed: true }) { _timers.Remove(item); }
        else { _timers.Set(item, item.Deadline.Ticks); }
    }

    internal void MarkReady(RoamingConnection connection)
    {
        if (connection.IsReady) { return; }
        connection.IsReady = true;
        _ready.Enqueue(connection);
    }

    internal void Accept(RoamingConnection connection) => _accepted.Enqueue(connection);

    internal void Forget(RoamingConnection connection)
    {
        _timers.Remove(connection);
        if (!_connections.Remove(connection) || !_connectionsByPeer.TryGetValue(connection.PeerId, out var same)) { return; }
        same.Remove(connection);
        if (same.Count == 0) { _connectionsByPeer.Remove(connection.PeerId); }
    }

    internal PathFinder CreateFinder(ReadOnlySpan<byte> secret, bool isControlling, TimeSpan now) =>
        new(Options.Finding, secret, isControlling, _random, _quic.Protection.ChaCha20Poly1305, now, _logger, _silentBudget, NextHopOf);

    internal bool TryPathTo(in PathAddress way, out PathInfo path) => _paths.TryGet(way, out path);

    internal bool TryKnownPath(in PathAddress way, out PathId id) => _paths.TryFind(way, out id);

    /// <summary>The way that a path of a connection stands for.</summary>
    public PathAddress WayOf(PathId path) => _paths[path];

    internal ulong UnixSeconds(TimeSpan now) => Options.UnixSecondsAtZero + (ulong)now.TotalSeconds;

    /// <summary>Opens a connection over one way.</summary>
    internal bool TryConnect(
        QuicUser user, NodeId peer, IdentityKey identity, string protocol, in PathAddress way, TimeSpan now, [NotNullWhen(true)] out QuicConnection? quic)
    {
        quic = null;
        if (!_paths.TryGet(way, out var path)) { return false; }
        quic = _quic.Connect(path, new(peer, identity) { ApplicationProtocols = [protocol] }, now);
        quic.Tag = user;
        return true;
    }

    // Everything that datagrams and time have set off, until nothing is left.
    private void Settle(TimeSpan now)
    {
        while (_quic.TryAccept(out var accepted))
        {
            if (NodeWith(accepted.LocalId) is not { } node)
            {
                accepted.Close(ControlMessage.Refused, "The identity that was called has gone.", now);
                continue;
            }
            NoteAuthenticated(accepted);
            if (accepted.ApplicationProtocol == RoamingOptions.RelayProtocol) { AcceptServedClient(accepted, now); }
            else { Add(new(this, accepted, node, now)); }
        }
        while (_quic.TryTakeReady(out var quic)) { (quic.Tag as QuicUser)?.HandleReady(quic, now); }
        PumpHops(now);
        PumpRelayServer(now);
        PumpProber(now);
        PumpTrials(now);
    }

    private void Add(RoamingConnection connection)
    {
        Remember(connection);
        SetTimer(connection);
    }

    private void Remember(RoamingConnection connection)
    {
        _connections.Add(connection);
        if (!_connectionsByPeer.TryGetValue(connection.PeerId, out var same)) { _connectionsByPeer.Add(connection.PeerId, same = new(1)); }
        same.Add(connection);
    }

    private void SweepPaths(TimeSpan now)
    {
        var inUse = new HashSet<int>();
        _quic.AddPathsTo(inUse);
        foreach (var relay in _relays.Values) { relay.AddPathsTo(inUse); }
        _paths.Sweep(inUse, now);
    }
}
