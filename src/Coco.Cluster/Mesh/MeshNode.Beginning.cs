using System.Runtime.InteropServices;
using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <content>
/// A restarted node remembers who belongs, and so whom its rings ask for if all are there: it calls those, and not whomever it hears of first,
/// until it has heard of all or some seconds have passed. Where all start at once each makes the links that it will keep, says so once, and is done.
/// </content>
internal sealed partial class MeshNode
{
    // Chosen: as long as growing keeps rings from being drawn. Who has not been heard of by then is off.
    private const int PatienceWhileBeginning = 12;

    // A machine on which many start may take longer than that: as long as more are heard of, half of it after the last, ten times as long at most.
    private const int MostBeginnings = 10;

    // Chosen: some 3 s, by when a machine that starts hundreds has come to all of them. Who starts later calls by itself.
    private const int FailuresBeforeStandIn = 3;

    // Chosen: of so many remembered, news wait once more the usual time for each other, four times more at most.
    private const int RememberedPerNewsDelay = 64;
    private const int MostNewsDelays = 5;

    private RememberedMember[] _remembered = [];
    private TimeSpan _beganAt;
    private TimeSpan _grewAt;
    private int _linksBefore;
    private TimeSpan _latestWhileBeginning;
    private int _inSight; // of those remembered

    /// <summary>Members a restarted node knew in its earlier life: those among them whom the rings ask for are called at once.</summary>
    public void SetRemembered(IEnumerable<RememberedMember> members, TimeSpan now)
    {
        _remembered = [.. members.Where(member => member.Node != Self).Take(_options.Graph.MaxNodes)];
        _inSight = _remembered.Count(member => IsInSight(member.Node));
        _beganAt = now;
        _thinkAt = now;
    }

    private bool IsBeginning => _remembered.Length > 0;

    // How long links have to be quiet before they are told of. Where all links are there that are remembered, but for those nobody can tell the way to,
    // there is nothing to wait for.
    private TimeSpan PublishDelay(TimeSpan now) =>
        IsBeginning && _dials.Values.All(static dial => dial.LacksAddress) && _peers.Values.All(static peer => peer.Declared.Count > 0)
            ? _options.NewsDelay
            : _options.PublishDelay + (Lateness(now) * 2);

    // Where all begin at once and most of them have not been heard of yet, news of many come in, and a message can tell of many.
    private TimeSpan NewsDelay => IsBeginning && _graph.NodeCount * 2 < _remembered.Length
        ? _options.NewsDelay * Math.Min(1 + ((double)_remembered.Length / RememberedPerNewsDelay), MostNewsDelays)
        : _options.NewsDelay;

    private void EndBeginning(TimeSpan now)
    {
        if (!IsBeginning) { return; }
        if (_isGrowing || _peers.Count > _linksBefore) { _grewAt = now; }
        _linksBefore = _peers.Count;
        // Who gives up the beginning makes links that it will not keep: what was late once may be late again.
        if (Lateness(now) is var late && late > _latestWhileBeginning) { _latestWhileBeginning = late; }
        var patience = (_options.ThinkDelay + (_latestWhileBeginning * 2)) * PatienceWhileBeginning;
        var isOver = now - _beganAt >= (now - _grewAt >= patience / 2 ? patience : patience * MostBeginnings);
        if (isOver || Array.TrueForAll(_remembered, IsThere)) { _remembered = []; } else { ThinkSoon(now); }
    }

    // With the last that is remembered there is nobody left to wait for before routes are computed.
    private void ThinkAtOnceIfComplete(TimeSpan now)
    {
        if (!IsBeginning) { return; }
        var heard = _graph.Scopes[CoreIndex].Count;
        if (!_isCore && Own(HomeOf(Self)) is { } home) { heard += _graph.Scopes[home.Index].Members; }
        if (heard > _inSight) { _thinkAt = now; }
    }

    private bool IsThere(RememberedMember member) =>
        !_members.IsMember(member.Node) || !IsInSight(member.Node) || (_graph.SlotOf(member.Node) is >= 0 and var slot && _graph[slot].Reachable);

    private bool IsInSight(NodeId node) => _isCore ? _members.IsCore(node) : MaySee(Self, HomeOf(node));

    // The greater key waits a little, as elsewhere, and then calls too: whoever starts first calls in vain, and would find out a second later.
    private void SeekRemembered(OwnScope own, Dictionary<NodeId, Sought> sought, HashSet<int> wanted, List<int> chosen, TimeSpan now)
    {
        FindRemembered(_near, own);
        Choose();
        for (var round = 0; round < MaxStandIns && AvoidFailedRemembered(_near, chosen); round++) { Choose(); }

        void Choose()
        {
            Rings.Choose(CollectionsMarshal.AsSpan(_near), _near[0], _options.Graph, chosen);
            foreach (var index in chosen)
            {
                var node = _remembered[index].Node;
                var slot = _graph.SlotOf(node);
                if (slot >= 0 && _graph[slot].IsPeer) { wanted.Add(slot); }
                else { sought.TryAdd(node, new(now, Self < node)); }
            }
        }
    }

    // By their indexes among the remembered; the first is the node itself.
    private void FindRemembered(List<RingMember> members, OwnScope own)
    {
        members.Clear();
        members.Add(Member(Self, -1, Flags));
        var core = new List<int>();
        for (var i = 0; i < _remembered.Length; i++)
        {
            var (node, nodeClass) = _remembered[i];
            if (!_members.IsMember(node)) { continue; }
            var home = HomeOf(node);
            if (home == own.Scope) { members.Add(Member(node, i, FlagsOf(nodeClass))); }
            else if (home.IsCore && own.Scope.IsSubCluster) { core.Add(i); }
        }
        var tags = core.Select(index => NodeTag.Of(_remembered[index].Node)).ToArray();
        Span<int> top = stackalloc int[_options.Graph.Keepers];
        foreach (var keeper in top[..Rendezvous.Top(own.Scope.Tag(), tags, top)])
        {
            var (node, nodeClass) = _remembered[core[keeper]];
            members.Add(Member(node, core[keeper], FlagsOf(nodeClass)));
        }
    }

    private static AdvertisementFlags FlagsOf(NodeClass nodeClass) =>
        (AdvertisementFlags)((int)nodeClass << 4) | (nodeClass is NodeClass.Portable ? AdvertisementFlags.None : AdvertisementFlags.Forwards);

    private bool AvoidFailedRemembered(List<RingMember> members, List<int> chosen)
    {
        var leastFailures = _peers.Count > 0 ? FailuresBeforeStandIn : 1;
        var any = false;
        for (var i = 1; i < members.Count; i++)
        {
            if (members[i].Avoided || !chosen.Contains(members[i].Slot)) { continue; }
            if (!_dials.TryGetValue(_remembered[members[i].Slot].Node, out var dial) || dial.Failures < leastFailures) { continue; }
            members[i] = members[i] with { Avoided = true };
            any = true;
        }
        return any;
    }
}
