using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <content>
/// Which branch of a chain counts. A senior that names a statement of it, where it cuts or in what it has seen, pins the branch: the more
/// senior first, each office's cuts before what it has seen. Where nobody pins, the smaller name wins at each fork.
/// </content>
internal sealed partial class Evaluation
{
    private readonly Dictionary<NodeId, List<Entry>> _paths = [];
    private readonly Dictionary<NodeId, List<StatementId>> _pins = [];

    /// <summary>The part of a chain that counts, after the snapshot. Decided once, when its most senior office is looked at.</summary>
    private List<Entry> PathOf(NodeId issuer)
    {
        if (_paths.TryGetValue(issuer, out var path)) { return path; }
        path = [];
        var start = Facts.HeadOf(issuer).Last;
        foreach (var pin in _pins.GetValueOrDefault(issuer, [])) { Extend(path, AncestorsOf(pin, issuer, start)); }
        for (var end = path.Count > 0 ? path[^1].Id : start; ; end = path[^1].Id)
        {
            var next = Smallest(_entries.After(issuer, end));
            if (next is null) { break; }
            path.Add(next);
        }
        _paths.Add(issuer, path);
        return path;
    }

    // A pin that continues what is pinned is followed; one that contradicts it comes too late.
    private static void Extend(List<Entry> path, List<Entry> pinned)
    {
        if (pinned.Count <= path.Count) { return; }
        for (var i = 0; i < path.Count; i++)
        {
            if (path[i] != pinned[i]) { return; }
        }
        path.AddRange(pinned[path.Count..]);
    }

    /// <summary>A statement and those before it in its chain, after the snapshot; empty where it is not there, or not on the snapshot's branch.</summary>
    private List<Entry> AncestorsOf(StatementId id, NodeId issuer, StatementId start)
    {
        var ancestors = new List<Entry>();
        while (id != start)
        {
            var entry = _entries.Find(id);
            if (entry is null || entry.Statement.Issuer != issuer || IsCovered(entry)) { return []; }
            ancestors.Add(entry);
            id = entry.Statement.Previous;
        }
        ancestors.Reverse();
        return ancestors;
    }

    // Not in it, and not on a branch that it leaves out.
    private bool IsAfterSnapshot(Entry entry)
    {
        var issuer = entry.Statement.Issuer;
        return !IsCovered(entry) && (!Facts.Heads.ContainsKey(issuer) || AncestorsOf(entry.Id, issuer, Facts.HeadOf(issuer).Last).Count > 0);
    }

    /// <summary>How many statements of the path a cut leaves. What it names and is not known, or lies elsewhere than it says, leaves none.</summary>
    private int LeftBy(Cut cut, NodeId issuer, List<Entry> path)
    {
        if (!IsTrue(cut, issuer)) { return 0; }
        var kept = AncestorsOf(cut.Last, issuer, Facts.HeadOf(issuer).Last);
        var left = 0;
        while (left < kept.Count && left < path.Count && kept[left] == path[left]) { left++; }
        return left;
    }

    private bool IsTrue(Cut cut, NodeId issuer) =>
        cut.Count > 0 && _entries.Find(cut.Last) is { } last && last.Statement.Issuer == issuer && last.Sequence == cut.Count - 1;

    private void Pin(NodeId issuer, StatementId id)
    {
        if (_paths.ContainsKey(issuer)) { return; } // decided by seniors
        if (!_pins.TryGetValue(issuer, out var pins)) { _pins.Add(issuer, pins = []); }
        pins.Add(id);
    }

    private void PinSeen(Entry act)
    {
        foreach (var head in act.Statement.After) { Pin(head.Issuer, head.Id); }
    }

    private static Entry? Smallest(IReadOnlyList<Entry> followers)
    {
        Entry? smallest = null;
        foreach (var entry in followers)
        {
            if (smallest is null || entry.Id < smallest.Id) { smallest = entry; }
        }
        return smallest;
    }
}
