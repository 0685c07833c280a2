using Coco.Crypto;

namespace Coco.Topics.Core;

/// <content>
/// Wills: what a node wants said when it is gone without goodbye. It is signed and told beforehand to the subscribers of its topic. When its publisher is out
/// of reach for a while, each of them says it to its own app, so nobody has to be chosen, and nothing has to be sent when the network is in
/// trouble; each sees it once. Two keepers have it too and tell it to whoever has not got it.
/// </content>
internal sealed partial class TopicExchange
{
    private readonly Dictionary<string, SignedBatch> _ownWills = new(StringComparer.Ordinal);
    private readonly Dictionary<(NodeId Publisher, string Topic), SignedBatch> _wills = [];
    private readonly Dictionary<(NodeId Publisher, string Topic), ulong> _said = [];
    private readonly Dictionary<NodeId, TimeSpan> _gone = [];

    /// <summary>Sets what is to be said; nothing when the data is empty.</summary>
    public void SetWill(string topic, ReadOnlySpan<byte> data, bool isRetained, TimeSpan now, long wall)
    {
        Enter(now, wall);
        var stream = OwnOf(topic);
        if (stream.RouteVersion != _routeVersion) { RefreshRoute(stream); }
        var flags = isRetained ? BatchFlags.Will | BatchFlags.Value : BatchFlags.Will;
        var will = SignedBatch.CreateOne(flags, Self, stream.Epoch, 0, NextTime(), topic, data, _seal);
        if (data.IsEmpty) { _ownWills.Remove(topic); }
        else { _ownWills[topic] = will; }
        foreach (var target in stream.Targets) { TellValue(target.Peer, will); }
        foreach (var keeper in KeepersOf(topic)) { if (keeper != Self) { TellValue(PeerOf(keeper), will); } }
    }

    /// <summary>Wills that were said, of nodes that have not come back.</summary>
    public int SaidWills => _said.Count;

    /// <summary>Whether this node may have one more will.</summary>
    public bool HasRoomForWill(string topic) => _ownWills.ContainsKey(topic) || _ownWills.Count < _options.MaxWills;

    private void TellWill(OwnStream stream, TopicPeer peer)
    {
        if (_ownWills.TryGetValue(stream.Topic, out var will)) { TellValue(peer, will); }
    }

    private void HandleWill(SignedBatch will)
    {
        var key = (will.Publisher, will.Topic);
        if (_said.TryGetValue(key, out var said) && said >= will.Time) { return; }
        if (_wills.TryGetValue(key, out var former) ? former.Time >= will.Time : !HasRoomForWillOf(will.Publisher)) { return; }
        _wills[key] = will;
        // One that was kept for this node comes after its publisher has gone.
        if (!_members.IsReachable(will.Publisher)) { NoteGone(will.Publisher); }
    }

    private bool HasRoomForWillOf(NodeId publisher) =>
        _wills.Count < _options.MaxValues && _wills.Keys.Count(key => key.Publisher == publisher) < _options.MaxWills;

    private void NoteGone(NodeId node)
    {
        if (_peers.GetValueOrDefault(node)?.Record is { IsLeaving: true }) { ForgetWills(node); }
        else if (_wills.Keys.Any(key => key.Publisher == node)) { _gone.TryAdd(node, _now + _options.WillDelay); }
    }

    // It is back: the next time it is gone what it wants said then is said again.
    private void NoteBack(NodeId node)
    {
        _gone.Remove(node);
        foreach (var key in _said.Keys.Where(key => key.Publisher == node).ToArray()) { _said.Remove(key); }
    }

    private void ForgetWills(NodeId node)
    {
        _gone.Remove(node);
        foreach (var key in _wills.Keys.Where(key => key.Publisher == node).ToArray()) { _wills.Remove(key); }
    }

    private void SayWills()
    {
        foreach (var node in _gone.Where(one => one.Value <= _now).Select(static one => one.Key).ToArray())
        {
            _gone.Remove(node);
            foreach (var (key, will) in _wills.Where(one => one.Key.Publisher == node).ToArray())
            {
                _wills.Remove(key);
                Say(key, will);
            }
        }
    }

    private void Say((NodeId Publisher, string Topic) key, SignedBatch will)
    {
        if (will.Data.IsEmpty || !_members.MayPublish(will.Publisher, Self, will.Topic)) { return; }
        _said[key] = will.Time;
        // Of nodes that never came back: the one that was said longest ago might be said again, should somebody who has not heard that tell it.
        if (_said.Count > _options.MaxValues) { _said.Remove(_said.MinBy(static one => one.Value).Key); }
        if (will.IsValue) { Keep(will); }
        Deliver([.. Matching(will.Topic)], will.Topic, will.Publisher, will.Data, will.Published, isRetained: false, isAcknowledged: false);
        if (!KeepersOf(will.Topic).Contains(Self)) { return; }
        _found.Clear();
        _interests.Collect(will.Topic, _found);
        foreach (var node in _found.Where(node => _members.IsReachable(node) && _members.MaySubscribe(node, Self, will.Topic)).ToArray()) { TellValue(PeerOf(node), will); }
    }
}
