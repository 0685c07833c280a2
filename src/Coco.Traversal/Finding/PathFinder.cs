using Coco.Crypto;
using Coco.Traversal.Links;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Traversal.Finding;

/// <summary>
/// Finds the ways between the two ends of one connection and says which to use. Candidates are exchanged over the connection itself,
/// probes make their own datagrams, and the connection is asked to validate paths and to move. One search goes through stages, led by the
/// controlling side: simultaneous sending, birthday punching, TCP, rest. All choices are made in <see cref="Step"/>, from state alone,
/// after each input.
/// </summary>
internal sealed partial class PathFinder : IDisposable
{
    private const int MaxPendingActions = 512;

    private readonly PathFinderOptions _options;
    private readonly PathPolicy _policy;
    private readonly ProbeSealer _sealer;
    private readonly SilentBudget? _common;
    private readonly RandomSource _random;
    private readonly ILogger _logger;
    private readonly bool _isControlling;
    private readonly List<Way> _ways = []; // in the order in which they are tried
    private readonly Queue<PathAction> _actions = new();
    private SilentBudget? _budget; // only while it matters: an idle connection has no use for it

    private LocalSituation _own = new();
    private bool _hasOwn;
    private CandidatesMessage? _peer;
    private TimeSpan? _wake; // when Step has something to do again
    private bool _isDisposed;

    /// <param name="options">Policy, budgets and intervals.</param>
    /// <param name="secret">96 bytes of the connection's exporter; not kept.</param>
    /// <param name="isControlling">Whether this side opened the connection.</param>
    /// <param name="random">For ports and jitter.</param>
    /// <param name="aead">ChaCha20-Poly1305, shared by all finders of a loop.</param>
    /// <param name="now">The time.</param>
    /// <param name="logger">Where decisions are told.</param>
    /// <param name="common">The budget of all finders of a host together: a peer that connects again and again gets no new one.</param>
    /// <param name="nextHopOf">By which neighbour a way through the mesh goes.</param>
    public PathFinder(
        PathFinderOptions options, ReadOnlySpan<byte> secret, bool isControlling, RandomSource random, PacketAead aead, TimeSpan now, ILogger? logger = null,
        SilentBudget? common = null, Func<PathAddress, NodeId>? nextHopOf = null)
    {
        _nextHopOf = nextHopOf;
        _options = options;
        _common = common;
        _policy = options.Policy;
        _sealer = new(secret, isControlling, aead);
        _isControlling = isControlling;
        _random = random;
        _logger = logger ?? NullLogger.Instance;
        _retryDelay = options.FirstRetry;
        _startedAt = now;
        Verdict = MakeVerdict();
    }

    /// <summary>What stands behind the first byte of probes that are for this connection.</summary>
    public ulong ProbeSession => _sealer.LocalSession;

    /// <summary>When <see cref="HandleTimeout"/> wants to be called; null for never.</summary>
    public TimeSpan? Deadline
    {
        get
        {
            if (_isDisposed) { return null; }
            var deadline = _wake;
            foreach (var way in _ways) { Earliest(ref deadline, way.Deadline); }
            Earliest(ref deadline, BirthdayDeadline);
            return deadline;
        }
    }

    /// <summary>The known paths, in the order in which they are tried.</summary>
    public IReadOnlyList<PathView> Paths => [.. _ways.Select(View)];

    /// <summary>This node's own addresses, NAT and sockets, whenever any of it changed.</summary>
    public void HandleLocal(LocalSituation situation, TimeSpan now)
    {
        var wasBlocked = _own.IsUdpBlocked;
        var isFirst = !_hasOwn;
        _own = situation;
        _hasOwn = true;
        DropWaysWithoutSocket();
        var isChanged = UpdateCandidates(situation.IsNetworkChanged);
        if (situation.IsNetworkChanged && !isFirst) { StartAfresh(now); }
        else if (isChanged || wasBlocked != situation.IsUdpBlocked) { WantRound(now); }
        Step(now);
    }

    /// <summary>A path's link or session changed, or the connection answered an action.</summary>
    public void HandlePath(in PathAddress path, PathState state, TimeSpan now)
    {
        switch (state)
        {
            case PathState.Available: HandleAvailable(path, now); break;
            case PathState.Validated: HandleValidated(path, now); break;
            case PathState.Activated: HandleActivated(path, now); break;
            case PathState.Failed: HandleFailed(path, now); break;
            case PathState.Lost: HandleLost(path, now); break;
            case PathState.Probing:
            default: throw new ArgumentOutOfRangeException(nameof(state));
        }
        Step(now);
    }

    public void HandleTimeout(TimeSpan now) => Step(now);

    /// <summary>Of the ways through the mesh this one is to be used now, as routes have it.</summary>
    public void HandlePreferred(in PathAddress path, TimeSpan now)
    {
        foreach (var way in _ways) { way.IsPreferred = way.Path == path; }
        Step(now);
    }

    /// <summary>Whether anything but the path in use may still deliver.</summary>
    public bool HasOtherWay => _ways.Exists(way => way != _active && way is { IsOpen: true, IsSilent: false, Failures: 0 } && MayCarry(way));

    /// <summary>Whether a way is kept warm for the case that the one in use dies.</summary>
    public bool IsStandby(in PathAddress path) => _standby?.Path == path;

    /// <summary>Takes the next thing asked of the connection or the host.</summary>
    public bool TryTakeAction(out PathAction? action) => _actions.TryDequeue(out action);

    /// <summary>Wipes the keys. What was opened for this connection is given back: take the last actions afterwards.</summary>
    public void Dispose()
    {
        if (_isDisposed) { return; }
        _isDisposed = true;
        DropActions(0);
        _openedSockets.ForEach(number => Ask(new PathAction.CloseSocket(number)));
        _openedSockets.Clear();
        foreach (var way in _ways.Where(static way => way.Class is PathClass.DirectTcp)) { Ask(new PathAction.CloseLink(way.Path.Link)); }
        _ways.Clear();
        _pongs.Clear();
        _signals.Clear();
        _sealer.Dispose();
    }

    /// <summary>Everything that follows from what is known now. The order matters: what is over, what is dead, what is better, what is kept.</summary>
    private void Step(TimeSpan now)
    {
        if (_isDisposed) { return; }
        _wake = null;
        EndPlans(now);
        StepSearch(now);
        StepRace(now);
        StepChoice(now);
        StepStandby(now);
        StepSpares(now);
        UpdateVerdict();
    }

    private Way? Find(in PathAddress path)
    {
        foreach (var way in _ways)
        {
            if (way.Path == path) { return way; }
        }
        return null;
    }

    private Way? Add(in PathAddress path, CandidateKind kind)
    {
        if (_ways.Count >= _options.MaxPaths && !TryEvict()) { return null; }
        var way = new Way(path, Classify(path), kind);
        var order = Order(way);
        var at = _ways.FindIndex(other => Order(other) > order);
        _ways.Insert(at < 0 ? _ways.Count : at, way);
        return way;
    }

    private bool TryEvict()
    {
        // Those that never answered go first, the last in the order of trying before others.
        var victim = _ways.FindLast(static way => !way.IsOpen && way.Validation is WayValidation.None && !way.HasAnswered)
            ?? _ways.FindLast(way => way.Validation is WayValidation.None && way != _active && way != _standby && !way.IsRelayed);
        if (victim is null) { return false; }
        Drop(victim);
        return true;
    }

    private void Drop(Way way)
    {
        _ways.Remove(way);
        if (way.Validation is not WayValidation.None && way != _active) { Ask(new PathAction.Remove(way.Path)); }
        if (_standby == way) { _standby = null; }
        if (_switchTarget == way) { _switchTarget = null; }
        if (_raceWinner == way) { _raceWinner = null; }
        if (way.Class is PathClass.DirectTcp) { Ask(new PathAction.CloseLink(way.Path.Link)); }
        CloseUnusedSocket(way.Path.Link.Number, way);
    }

    private void DropWaysWithoutSocket()
    {
        foreach (var way in _ways.Where(way => way.IsDirectUdp && !HasSocket(way.Path.Link.Number)).ToList())
        {
            if (way == _active) { (way.IsOpen, _isActiveDead) = (false, true); }
            else { Drop(way); }
        }
    }

    private bool HasSocket(int number)
    {
        foreach (var socket in _own.Sockets)
        {
            if (socket.Number == number) { return true; }
        }
        return _openedSockets.Contains(number);
    }

    private PathClass Classify(in PathAddress path)
    {
        if (path.IsMesh) { return PathClass.Mesh; }
        if (path.IsRelayed) { return PathClass.Relay; }
        if (path.Link.Kind is not LinkKind.Udp) { return PathClass.DirectTcp; }
        if (_own.IsOnOwnNetwork(path.Link.Remote)) { return PathClass.DirectLan; }
        return path.Link.Remote.IsIpv4 ? PathClass.Direct : PathClass.DirectIpv6;
    }

    /// <summary>Same network first, then IPv6, what others saw, what a router mapped, and last what is most likely somebody else's.</summary>
    private static int Order(Way way) => way.Class switch
    {
        PathClass.DirectLan => 0,
        PathClass.DirectIpv6 => 1,
        PathClass.DirectTcp => 7,
        PathClass.Relay => 8,
        PathClass.Mesh => 9,
        _ => way.Kind switch
        {
            CandidateKind.PortMapped => 3,
            CandidateKind.Predicted => 5,
            _ when way.Path.Link.Remote.IsPrivate => 4,
            _ => 2,
        },
    };

    private PathView View(Way way) => new(way.Path, way.Class, way switch
    {
        _ when way == _active => PathState.Activated,
        { Validation: WayValidation.Valid } => PathState.Validated,
        { Failures: > 0 } => PathState.Failed,
        { IsOpen: true } => PathState.Available,
        _ => PathState.Probing,
    }, way.Rtt, way == _standby);

    private void Ask(PathAction action)
    {
        // An owner that takes nothing must not make us grow; a connection in that state has no use for the oldest.
        if (_actions.Count >= MaxPendingActions) { DropActions(MaxPendingActions - 1); }
        _actions.Enqueue(action);
    }

    /// <summary>Drops the oldest until so many are left, but none that gives something back: those are no more than what was opened.</summary>
    private void DropActions(int left)
    {
        for (var i = _actions.Count; i > 0 && _actions.Count > left; i--)
        {
            var action = _actions.Dequeue();
            if (action is PathAction.CloseSocket or PathAction.CloseLink) { _actions.Enqueue(action); }
        }
    }

    private void WakeAt(TimeSpan time) => Earliest(ref _wake, time);

    private static void Earliest(ref TimeSpan? deadline, TimeSpan? time)
    {
        if (time is not null && (deadline is null || time < deadline)) { deadline = time; }
    }
}
