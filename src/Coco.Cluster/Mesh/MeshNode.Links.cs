using System.Runtime.InteropServices;
using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <content>
/// Links are wanted where either end's rings ask for them. The rings are drawn over those within reach; those out of reach that the rings
/// would ask for are tried too, the less often the longer they are gone, so that parts that were separated find each other again.
/// </content>
internal sealed partial class MeshNode
{
    private const int MaxContacts = 16;
    private const int ContactsAtOnce = 2;
    private const int MaxStandIns = 6;

    // Chosen: where timers are late by as much as leads to this, whatever else is called than what has to be makes them later still.
    private static readonly TimeSpan MostDialPatience = TimeSpan.FromSeconds(12);

    private readonly Dictionary<NodeId, Dial> _dials = [];
    private readonly List<RingMember> _near = []; // these two for one choice of links each, kept for their room
    private readonly List<RingMember> _everybody = [];
    private NodeId[] _contacts = [];
    private int _dialing;

    /// <summary>Nodes a restarted node remembers, or a ticket names: looked for until they are within reach. At most 16.</summary>
    public void SetContacts(IReadOnlyCollection<NodeId> contacts, TimeSpan now)
    {
        _contacts = [.. contacts.Take(MaxContacts)];
        _thinkAt = now;
    }

    /// <summary>Those this node would call if it knew where they are.</summary>
    public IEnumerable<NodeId> LackingAddress => _dials.Where(static dial => dial.Value.LacksAddress).Select(static dial => dial.Key);

    /// <summary>A connection that was asked for did not come about.</summary>
    /// <param name="node">With whom.</param>
    /// <param name="now">The time.</param>
    /// <param name="lacksAddress">Nothing was tried, because it is not known where the node is.</param>
    public void HandleConnectFailed(NodeId node, TimeSpan now, bool lacksAddress = false)
    {
        if (!_dials.TryGetValue(node, out var dial) || !dial.InProgress) { return; }
        // The first to be met may know, and the node itself may call; others in its place would be links more that soon nobody wants.
        if (lacksAddress && IsBeginning)
        {
            (dial.LacksAddress, dial.InProgress, dial.At) = (true, false, now + _options.DialRetry);
            ThinkSoon(now);
            TendLinks(now);
            return;
        }
        Failed(node, dial, now);
        // Whoever comes next on the ring stands in.
        ThinkSoon(now);
        TendLinks(now);
    }

    /// <summary>It has become known where a node is: a call that failed is made again at once.</summary>
    public void HandleAddress(NodeId node, TimeSpan now)
    {
        if (!_dials.TryGetValue(node, out var dial) || dial.InProgress || (dial.Failures == 0 && !dial.LacksAddress)) { return; }
        (dial.Failures, dial.LacksAddress, dial.At) = (0, false, now);
        _linksAt = Earlier(_linksAt, now);
    }

    // While all begin at once, a call takes several times as long as what else shows how busy the machine is.
    private TimeSpan DialPatience(TimeSpan now) => _options.DialPatience
        + (!IsBeginning ? Lateness(now) * 2 : Lateness(now) * 4 < MostDialPatience ? Lateness(now) * 4 : MostDialPatience);

    private void ChooseLinks(TimeSpan now)
    {
        if (_leaving) { return; }
        var wanted = new HashSet<int>();
        var ring = new HashSet<int>();
        var held = new HashSet<int>();
        var sought = new Dictionary<NodeId, Sought>();
        var chosen = new List<int>();
        foreach (var own in _own)
        {
            if (!own.Speaks || own.Scope.IsAttachments) { continue; }
            if (IsBeginning)
            {
                SeekRemembered(own, sought, wanted, chosen, now);
                continue;
            }
            FindCandidates(_near, own, everybody: false, now);
            var self = _near[0];
            Rings.Choose(CollectionsMarshal.AsSpan(_near), self, _options.Graph, chosen);
            Seek(chosen, sought, now);
            foreach (var slot in chosen)
            {
                wanted.Add(slot);
                if (_graph[slot].IsPeer) { ring.Add(slot); }
            }
            // Others stand in for those we tried in vain, and others again for those of them; all are tried again.
            for (var round = 0; round < MaxStandIns && AvoidFailed(_near, chosen); round++)
            {
                Rings.Choose(CollectionsMarshal.AsSpan(_near), self, _options.Graph, chosen);
                Seek(chosen, sought, now);
                foreach (var slot in chosen)
                {
                    if (wanted.Add(slot)) { held.Add(slot); }
                }
            }
            FindCandidates(_near, own, everybody: false, now);
            FindCandidates(_everybody, own, everybody: true, now);
            if (_everybody.Count > _near.Count)
            {
                Rings.Choose(CollectionsMarshal.AsSpan(_everybody), self, _options.Graph, chosen);
                Seek(chosen, sought, now);
            }
            WantedByOthers(own, CollectionsMarshal.AsSpan(_near), wanted, chosen);
        }
        SeekContacts(sought, now);
        HoldNear(ring, wanted, held);
        HeldByOthers(wanted);
        MarkPeers(wanted, held, now);
        MarkDials(sought);
    }

    // The smaller key calls, the greater waits: two calls for one link are one too many.
    private void Seek(List<int> chosen, Dictionary<NodeId, Sought> sought, TimeSpan now)
    {
        foreach (var slot in chosen)
        {
            ref var node = ref _graph[slot];
            if (!node.IsPeer) { sought.TryAdd(node.Id, new(now, Self < node.Id || !node.Reachable)); }
        }
    }

    // One contact is enough where all are in one piece; where they are not, each piece has to be found.
    private void SeekContacts(Dictionary<NodeId, Sought> sought, TimeSpan now)
    {
        // Whoever is remembered knows the others as well.
        if (IsBeginning && _peers.Count > 0) { return; }
        // For those remembered, the longer the busier the machine is, unless nothing is known of where any of them are.
        var waits = sought.Count > 0 && IsBeginning && !sought.Keys.All(node => _dials.TryGetValue(node, out var dial) && dial.LacksAddress);
        var (after, sooner) = (waits ? _beganAt + _options.DialRetry - _options.DialPatience : now, ContactsAtOnce);
        foreach (var contact in _contacts)
        {
            var slot = _graph.SlotOf(contact);
            if (contact == Self || (slot >= 0 && (_graph[slot].Reachable || _graph[slot].IsPeer))) { continue; }
            sought.TryAdd(contact, new(after, IsOurs: !waits));
            if (--sooner <= 0) { after += _options.DialRetry; }
        }
    }

    // The first is the node itself.
    private void FindCandidates(List<RingMember> candidates, OwnScope own, bool everybody, TimeSpan now)
    {
        candidates.Clear();
        candidates.Add(Member(Self, 0, Flags));
        var keepers = own.Scope.IsSubCluster ? KeepersOf(own.Scope) : [];
        for (var slot = 1; slot < _graph.SlotCount; slot++)
        {
            ref var node = ref _graph[slot];
            if (node.Entries is null || !(node.Reachable || (everybody && !IsShunned(node.Id, now)))) { continue; }
            var entry = _graph.Find(slot, own.Index);
            var flags = entry?.Advertisement.Flags ?? node.Flags;
            if (own.Scope.IsSubCluster && (node.Flags & AdvertisementFlags.Core) != 0)
            {
                // A keeper is one before it says so: members are the ones to tell it. It may have left the scope and be back.
                if (!keepers.Contains(slot)) { continue; }
                flags = _graph.Find(slot, CoreIndex)?.Advertisement.Flags ?? flags;
            }
            else if (entry is null) { continue; }
            if ((flags & AdvertisementFlags.Leaving) != 0) { continue; }
            candidates.Add(Member(node.Id, slot, flags));
        }
    }

    private RingMember Member(NodeId node, int slot, AdvertisementFlags flags)
    {
        var portable = (flags & AdvertisementFlags.ClassHigh) != 0;
        var rings = portable ? _options.Graph.PortableRings : _options.Graph.Rings;
        return new(
            slot, NodeTag.Of(node), rings, (flags & AdvertisementFlags.Forwards) != 0, (flags & AdvertisementFlags.HardNat) != 0, false);
    }

    private bool AvoidFailed(List<RingMember> members, List<int> chosen)
    {
        var any = false;
        for (var i = 1; _dials.Count > 0 && i < members.Count; i++)
        {
            ref var node = ref _graph[members[i].Slot];
            if (node.IsPeer || members[i].Avoided || !chosen.Contains(members[i].Slot)) { continue; }
            if (!_dials.TryGetValue(node.Id, out var dial) || dial.Failures == 0) { continue; }
            members[i] = members[i] with { Avoided = true };
            any = true;
        }
        return any;
    }

    private void WantedByOthers(OwnScope own, ReadOnlySpan<RingMember> near, HashSet<int> wanted, List<int> chosen)
    {
        foreach (var peer in _peers.Values)
        {
            if (!peer.Shared.Contains(own.Index) || wanted.Contains(peer.Slot)) { continue; }
            var at = 0;
            while (at < near.Length && near[at].Slot != peer.Slot) { at++; }
            if (at == near.Length) { continue; }
            Rings.Choose(near, near[at], _options.Graph, chosen);
            if (chosen.Contains(0)) { wanted.Add(peer.Slot); }
        }
    }

    // Comes after what this end decides, so that two ends never take turns in holding a link because the other does.
    private void HeldByOthers(HashSet<int> wanted)
    {
        foreach (var peer in _peers.Values)
        {
            for (var entry = _graph[peer.Slot].Entries; entry is not null; entry = entry.Next)
            {
                if (!peer.Shared.Contains(entry.Scope) || !entry.Advertisement.TryFindLink(NodeTag.Of(Self), out var link)) { continue; }
                if ((link.Flags & LinkFlags.Held) != 0) { wanted.Add(peer.Slot); }
            }
        }
    }

    // Links that exist anyway and are much shorter than those of the rings are worth keeping.
    private void HoldNear(HashSet<int> ring, HashSet<int> wanted, HashSet<int> held)
    {
        var costs = new List<ushort>();
        foreach (var peer in _peers.Values)
        {
            if (ring.Contains(peer.Slot)) { costs.Add(peer.Cost); }
        }
        if (costs.Count == 0 || _options.Graph.NearLinks == 0) { return; }
        costs.Sort();
        var near = _peers.Values.Where(peer => !wanted.Contains(peer.Slot) && peer.Shared.Count > 0 && peer.Cost * 4 < costs[costs.Count / 2]);
        foreach (var peer in near.OrderBy(peer => peer.Cost).ThenBy(peer => peer.Tag).Take(_options.Graph.NearLinks))
        {
            wanted.Add(peer.Slot);
            held.Add(peer.Slot);
        }
    }

    private void MarkPeers(HashSet<int> wanted, HashSet<int> held, TimeSpan now)
    {
        foreach (var peer in _peers.Values)
        {
            var flags = held.Contains(peer.Slot) ? LinkFlags.Held : LinkFlags.None;
            if (peer.Flags != flags)
            {
                peer.Flags = flags;
                foreach (var scope in peer.Shared) { LinksChanged(scope, now); }
            }
            peer.UnwantedSince = wanted.Contains(peer.Slot) ? null : peer.UnwantedSince ?? now;
        }
    }

    private void MarkDials(Dictionary<NodeId, Sought> sought)
    {
        foreach (var dial in _dials.Values) { dial.Wanted = false; }
        foreach (var (node, (at, isOurs)) in sought)
        {
            if (!_dials.TryGetValue(node, out var dial)) { _dials.Add(node, dial = new() { At = at, ExpectedSince = isOurs ? null : at }); }
            dial.Wanted = true;
        }
        foreach (var (node, dial) in _dials)
        {
            if (dial.Wanted || dial.InProgress) { continue; }
            _dials.Remove(node);
        }
    }

    private void TendLinks(TimeSpan now)
    {
        _linksAt = null;
        DropUnwanted(now);
        _dialing = 0;
        foreach (var dial in _dials.Values) { _dialing += dial.InProgress ? 1 : 0; }
        foreach (var (node, dial) in _dials)
        {
            if (dial.At <= now && dial.InProgress) { Failed(node, dial, now); }
            // Judged anew at the time: on a machine that is busy the other end's call takes long.
            if (dial is { ExpectedSince: { } since, Failures: 0, InProgress: false } && since + DialPatience(now) > now) { dial.At = since + DialPatience(now); }
            if (dial.At <= now && _dialing < _options.MaxDials)
            {
                (dial.InProgress, dial.LacksAddress, dial.At) = (true, false, now + TimeSpan.FromSeconds(30));
                _dialing++;
                _commands.Enqueue(new(MeshCommandKind.Connect, node));
            }
            // Whoever waits for a place is looked at when one is free.
            if (dial.At > now) { _linksAt = Earlier(_linksAt, dial.At); }
        }
    }

    private void Failed(NodeId node, Dial dial, TimeSpan now)
    {
        var wait = _options.DialRetry * (1 << Math.Min(dial.Failures, 20));
        var slot = _graph.SlotOf(node);
        // Whoever is gone for an hour may be looked for every quarter of an hour, whoever is gone for ten seconds sooner.
        if (slot > 0 && !_graph[slot].Reachable) { wait = _options.DialRetry + ((now - _graph[slot].LostAt) / 4 * _jitter); }
        dial.Failures++;
        dial.InProgress = false;
        dial.At = now + (wait < _options.MaxDialRetry ? wait : _options.MaxDialRetry);
    }

    private void DropUnwanted(TimeSpan now)
    {
        var most = _options.MaxLinks * Math.Max(1, _own.Count - 1);
        var crowded = _peers.Count > most;
        foreach (var peer in _peers.Values)
        {
            if (peer.UnwantedSince is not { } since) { continue; }
            var until = since + (crowded ? _options.LinkGrace / 8 : _options.LinkGrace) + (Lateness(now) * 10);
            if (until > now) { _linksAt = Earlier(_linksAt, until); continue; }
            // Whatever comes in its place is to be known to all first: looked at again when the graph changes.
            if (!_graph.IsLinkedWithout(0, peer.Slot) || !_graph.IsLinkedWithout(peer.Slot, 0)) { continue; }
            peer.UnwantedSince = now;
            _commands.Enqueue(new(MeshCommandKind.Disconnect, peer.Id));
        }
    }

    // From when on, and whether this end calls or waits for the other's call first.
    private readonly record struct Sought(TimeSpan At, bool IsOurs);
}
