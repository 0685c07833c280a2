using Coco.Cluster.Graph;
using Coco.Crypto;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Cluster.Mesh;

/// <summary>
/// One node's part in the mesh of its network: what it tells connected members and hears from them, the graph that follows, whom it wants
/// links to, and over whom others are reached. A core: the host connects, carries bytes in order, and passes the time.
/// </summary>
internal sealed partial class MeshNode
{
    private readonly MeshOptions _options;
    private readonly IAdvertisementSeal _seal;
    private readonly IMembers _members;
    private readonly ICertificateExchange? _certificates;
    private readonly IStatementExchange? _statements;
    private readonly AdvertisementPool _pool;
    private readonly ILogger _logger;
    private readonly NetworkGraph _graph;
    private readonly Dictionary<NodeId, MeshPeer> _peers = [];
    private readonly Queue<MeshPeer> _ready = new();
    private readonly Queue<MeshCommand> _commands = new();
    private readonly Queue<MeshEvent> _events = new();
    private readonly double _jitter;
    private TimeSpan? _newsAt;
    private TimeSpan? _thinkAt;
    private TimeSpan? _linksAt;
    private TimeSpan? _forgetAt;
    private bool _leaving;
    private bool _isGrowing;

    /// <summary>Joins a node to the mesh of its network.</summary>
    /// <param name="self">The node.</param>
    /// <param name="seal">Signs for the node and verifies what others signed.</param>
    /// <param name="members">Who belongs.</param>
    /// <param name="firstSequence">Greater than any sequence number the node used before it was restarted.</param>
    /// <param name="random">Spreads what all nodes do.</param>
    /// <param name="options">How it takes part.</param>
    /// <param name="exchange">What else members tell each other.</param>
    /// <param name="pool">Shared by all nodes of one loop.</param>
    /// <param name="logger">Hears of refusals.</param>
    public MeshNode(
        NodeId self, IAdvertisementSeal seal, IMembers members, ulong firstSequence, RandomSource random, MeshOptions? options = null,
        MeshExchange exchange = default, AdvertisementPool? pool = null, ILogger? logger = null)
    {
        (Self, _seal, _members, _sequence) = (self, seal, members, firstSequence);
        _options = options ?? new();
        (_certificates, _statements) = (exchange.Certificates, exchange.Statements);
        _pool = pool ?? new();
        _logger = logger ?? NullLogger.Instance;
        _graph = new(self, _options.Graph, _pool.Scratch);
        Span<byte> dice = stackalloc byte[2];
        random.Fill(dice);
        _jitter = 0.75 + ((dice[0] + (dice[1] / 256.0)) / 512);
        _isCore = members.IsCore(self);
        OpenOwnScopes();
    }

    public NodeId Self { get; }

    /// <summary>The graph as it is known. Routes in it are as of the last time the node thought.</summary>
    public NetworkGraph Graph => _graph;

    /// <summary>Refusals so far, by reason.</summary>
    public IReadOnlyDictionary<MeshRefusal, long> Refusals => _refusals;

    /// <summary>Neighbours now.</summary>
    public IReadOnlyCollection<NodeId> Peers => _peers.Keys;

    /// <summary>When <see cref="HandleTimeout"/> has something to do; null for never.</summary>
    public TimeSpan? Deadline
    {
        get
        {
            var earliest = Earlier(Earlier(_newsAt, _thinkAt), Earlier(_linksAt, Earlier(_forgetAt, _wantsAt)));
            foreach (var own in _own)
            {
                if (own.PublishAt != TimeSpan.MaxValue) { earliest = Earlier(earliest, own.PublishAt); }
            }
            return earliest;
        }
    }

    /// <summary>A connection to a member is up.</summary>
    public void HandlePeerUp(NodeId peer, TimeSpan rtt, TimeSpan now)
    {
        if (_peers.ContainsKey(peer)) { return; }
        var slot = peer == Self || IsShunned(peer, now) || _peers.Count >= _options.MaxPeers || !_members.IsMember(peer) ? -1 : _graph.Intern(peer, now);
        if (slot < 0)
        {
            _commands.Enqueue(new(MeshCommandKind.Disconnect, peer));
            return;
        }
        var connected = new MeshPeer(peer, slot, rtt, _options.AnswerTimeout, now);
        _peers.Add(peer, connected);
        _graph.SetPeer(slot, isPeer: true);
        _dials.Remove(peer);
        WriteHello(connected);
        _statements?.HandlePeerUp(peer);
        ThinkSoon(now);
        Finish();
    }

    /// <summary>A connection is gone.</summary>
    public void HandlePeerDown(NodeId peer, TimeSpan now)
    {
        if (!_peers.Remove(peer, out var gone)) { return; }
        gone.Output = null;
        _graph.SetPeer(gone.Slot, isPeer: false);
        foreach (var scope in gone.Shared) { LinksChanged(scope, now); }
        AskOthersFor(peer, now);
        _statements?.HandlePeerDown(peer);
        ThinkSoon(now);
        Finish();
    }

    /// <summary>The round trip of a connection, measured anew.</summary>
    public void HandleRtt(NodeId peer, TimeSpan rtt, TimeSpan now)
    {
        if (!_peers.TryGetValue(peer, out var known) || !known.Length.Take(rtt, now)) { return; }
        foreach (var scope in known.Shared) { LinksChanged(scope, now); }
    }

    /// <summary>A connection goes another way than before, of which nothing is measured yet.</summary>
    public void HandleWayChanged(NodeId peer, TimeSpan now)
    {
        if (_peers.TryGetValue(peer, out var known)) { known.Length.Forget(now); }
    }

    /// <summary>Members, their sub-clusters or the core changed.</summary>
    public void HandleMembersChanged(TimeSpan now)
    {
        for (var slot = 1; slot < _graph.SlotCount; slot++)
        {
            var id = _graph[slot].Id;
            if (id.IsDefault || _members.IsMember(id)) { continue; }
            if (_peers.ContainsKey(id))
            {
                _commands.Enqueue(new(MeshCommandKind.Disconnect, id));
                HandlePeerDown(id, now);
            }
            _graph.Remove(slot);
        }
        TryWaiting(now);
        ThinkSoon(now);
        Finish();
    }

    /// <summary>Does what is due.</summary>
    public void HandleTimeout(TimeSpan now)
    {
        if (_thinkAt is { } thinkAt && thinkAt <= now)
        {
            HandleWakeUp(now - thinkAt, now);
            Think(now);
        }
        foreach (var own in _own)
        {
            if (own.PublishAt <= now) { Publish(own, now); }
        }
        if (_wantsAt <= now) { AskAgain(now); }
        if (_linksAt is { } linksAt && linksAt <= now)
        {
            HandleWakeUp(now - linksAt, now);
            TendLinks(now);
        }
        if (_forgetAt <= now) { Forget(now); }
        if (_newsAt <= now) { TellNews(); }
        Finish();
    }

    /// <summary>Tells the others that nobody needs to look for this node. The host closes its connections once these messages are sent.</summary>
    public void Leave(TimeSpan now)
    {
        _leaving = true;
        foreach (var own in _own) { Publish(own, now); }
        _dials.Clear();
        Finish();
    }

    /// <summary>Takes the next frames to send to a peer.</summary>
    public bool TryTakeMessage(out NodeId to, out ReadOnlyMemory<byte> message)
    {
        while (_ready.TryDequeue(out var peer))
        {
            if (peer.Output is not { } output) { continue; }
            peer.Output = null;
            (to, message) = (peer.Id, output.WrittenMemory);
            return true;
        }
        (to, message) = (default, default);
        return false;
    }

    /// <summary>Takes the next thing the host is asked for.</summary>
    public bool TryTakeCommand(out MeshCommand command) => _commands.TryDequeue(out command);

    /// <summary>Takes the next thing that became of the graph.</summary>
    public bool TryTakeEvent(out MeshEvent happened) => _events.TryDequeue(out happened);

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => other is null || one <= other ? one : other;

    // While a node begins it draws no rings anew, so that thinking is cheap, and what it knows is what others wait for.
    private void ThinkSoon(TimeSpan now) => _thinkAt ??= now + _options.ThinkDelay + (Lateness(now) * (IsBeginning ? 1 : 2));

    private void Finish()
    {
        FlushWants();
        while (_statements is not null && _statements.TryTake(out var to, out var type, out var body))
        {
            if (_peers.TryGetValue(to, out var peer)) { WriteFrame(peer, type, body.Span); }
        }
    }
}
