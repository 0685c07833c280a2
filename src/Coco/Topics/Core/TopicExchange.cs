using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;

namespace Coco.Topics.Core;

/// <summary>
/// One node's part in the topics of its network: what its app publishes and subscribes to, what others do, and what is to be said to whom.
/// Bytes, acts and the time go in; bytes, messages and the next deadline come out. One thread at a time.
/// </summary>
internal sealed partial class TopicExchange
{
    private readonly TopicOptions _options;
    private readonly ITopicSeal _seal;
    private readonly Dictionary<NodeId, TopicPeer> _peers = [];
    private readonly Queue<TopicLink> _toWrite = new();
    private readonly Queue<TopicLink> _toClose = new();
    private readonly Queue<NodeId> _toConnect = new();
    private ITopicMembers _members;
    private int _rulesVersion;
    private bool _isActive;
    private TimeSpan _now;
    private long _wall; // milliseconds since 1970
    private ulong _lastTime;

    public TopicExchange(NodeId self, TopicOptions options, ITopicSeal seal, ITopicMembers members, TimeSpan now, long wall)
    {
        (Self, _options, _seal, _members, _now, _wall) = (self, options, seal, members, now, wall);
        _wanted = new(options);
        _sumAt = now + SumInterval;
    }

    public NodeId Self { get; }

    /// <summary>When <see cref="HandleTimeout"/> is to be called.</summary>
    public TimeSpan Deadline
    {
        get
        {
            if (!_isActive) { return TimeSpan.MaxValue; }
            var deadline = _sumAt;
            foreach (var peer in _retrying) { deadline = Min(deadline, peer.RetryAt); }
            if (_pending.Count > 0) { deadline = Min(deadline, _pending.Peek().Deadline); }
            foreach (var stream in _holding) { deadline = Min(deadline, stream.GiveUpAt); }
            foreach (var stream in _grafting) { deadline = Min(deadline, stream.Overlay!.GraftAt); }
            foreach (var at in _gone.Values) { deadline = Min(deadline, at); }
            foreach (var link in _owingKnown) { deadline = Min(deadline, link.NextKnown); }
            return Min(Min(deadline, Min(_gatherAt, _offerAt)), Min(_tellAt, _narrowAt));
        }
    }

    /// <summary>The network has changed.</summary>
    public void HandleMembers(ITopicMembers members, IReadOnlyCollection<NodeId> neighbours, TimeSpan now, long wall)
    {
        Enter(now, wall);
        var (came, went) = (members.Reachable.ToHashSet(), _members.Reachable.ToHashSet());
        came.ExceptWith(_members.Reachable);
        went.ExceptWith(members.Reachable);
        _members = members;
        _rulesVersion++;
        _routeVersion++;
        _interestVersion++;
        foreach (var peer in _peers.Values) { peer.IsNeighbour = false; }
        foreach (var node in neighbours) { PeerOf(node).IsNeighbour = true; }
        foreach (var peer in _peers.Values.ToArray())
        {
            if (!members.IsMember(peer.Node)) { Forget(peer); }
            else if (!members.IsReachable(peer.Node)) { peer.Owed.Clear(); }
            else if (_isActive) { Connect(peer); }
        }
        RefreshRoutes();
        HandleReachable(came, went);
        if (came.Count > 0) { TellSum(); }
        CheckSettled();
    }

    public void HandleTimeout(TimeSpan now, long wall)
    {
        Enter(now, wall);
        foreach (var peer in _retrying.Where(peer => peer.RetryAt <= now).ToArray())
        {
            _retrying.Remove(peer);
            Connect(peer);
        }
        while (_pending.TryPeek(out var oldest) && oldest.Deadline <= now) { GiveUp(_pending.Dequeue()); }
        foreach (var stream in _holding.Where(stream => stream.GiveUpAt <= now).ToArray()) { ReleaseHeld(stream); }
        if (_gatherAt <= now) { SealGathered(); }
        if (_offerAt <= now) { TellOffers(); }
        foreach (var stream in _grafting.Where(stream => stream.Overlay!.GraftAt <= now).ToArray()) { Graft(stream); }
        if (_gone.Count > 0) { SayWills(); }
        if (_owingKnown.Count > 0) { TellKnownOwed(); }
        if (_narrowAt <= now) { Narrow(); }
        if (_tellAt <= now) { TellOwn(isLeaving: false); }
        if (_sumAt <= now)
        {
            _sumAt = now + SumInterval;
            TellSum();
        }
    }

    /// <summary>The next link that has something to write; its host calls <see cref="TakeOutput"/> until there is nothing more.</summary>
    public bool TryTakeWriting([NotNullWhen(true)] out TopicLink? link)
    {
        while (_toWrite.TryDequeue(out link))
        {
            link.IsQueued = false;
            if (link.IsGone || link.IsWriting || link.Out.Length == 0) { continue; }
            link.IsWriting = true;
            return true;
        }
        return false;
    }

    /// <summary>What is to be written to a link next, in an array of the pool; nothing when it may rest.</summary>
    public ArraySegment<byte> TakeOutput(TopicLink link)
    {
        if (_gathering.Count > 0 && !link.IsGone && link.Out.Length == 0) { SealGathered(); }
        if (!link.IsGone && link.Out.Length == 0) { Refill(link); }
        if (link.IsGone || link.Out.Length == 0)
        {
            link.IsWriting = false;
            return ArraySegment<byte>.Empty;
        }
        var taken = link.Out.Take();
        // What waits next is put together now, so that whoever waits to publish may go on while this is written.
        if (link.Behind.Count > 0) { Refill(link); }
        return taken;
    }

    /// <summary>Whether there is something to be written, closed or connected with.</summary>
    public bool HasOutput => _toWrite.Count > 0 || _toClose.Count > 0 || _toConnect.Count > 0;

    /// <summary>Whether this node has published to a topic, so that its name is known to be one.</summary>
    public bool HasPublished(string topic) => ReferenceEquals(_lastPublished?.Topic, topic) || _published.ContainsKey(topic);

    /// <summary>The next link that is to be closed.</summary>
    public bool TryTakeClosing([NotNullWhen(true)] out TopicLink? link) => _toClose.TryDequeue(out link);

    /// <summary>The next member to be connected with.</summary>
    public bool TryTakeConnecting(out NodeId node) => _toConnect.TryDequeue(out node);

    private void Enter(TimeSpan now, long wall) => (_now, _wall) = (now, wall);

    private void Activate()
    {
        if (_isActive) { return; }
        _isActive = true;
        foreach (var peer in _peers.Values) { Connect(peer); }
    }

    private TopicPeer PeerOf(NodeId node)
    {
        if (!_peers.TryGetValue(node, out var peer)) { _peers.Add(node, peer = new(node)); }
        return peer;
    }

    // Never goes back, whatever the clock does.
    private ulong NextTime() => _lastTime = Math.Max(_lastTime + 1, (ulong)Math.Max(0, _wall) << 16);

    private void MarkWriting(TopicLink link)
    {
        if (link.IsWriting || link.IsQueued || link.IsGone) { return; }
        link.IsQueued = true;
        _toWrite.Enqueue(link);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
