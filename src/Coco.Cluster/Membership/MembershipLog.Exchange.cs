using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <content>What two nodes tell each other so that both have all statements.</content>
internal sealed partial class MembershipLog
{
    /// <summary>The ends of all branches known here, in the order of their issuers: equal exactly where the statements are.</summary>
    public IReadOnlyList<ChainHead> Heads
    {
        get
        {
            var heads = new List<ChainHead>();
            foreach (var entry in _entries.InOrder)
            {
                if (_entries.After(entry.Statement.Issuer, entry.Id).Count == 0) { heads.Add(entry.AsHead); }
            }
            foreach (var (issuer, head) in _installed is null ? [] : _base.Heads)
            {
                if (head.Count > 0 && _entries.Find(head.Last) is null && _entries.After(issuer, head.Last).Count == 0) { heads.Add(new(issuer, head.Count - 1, head.Last)); }
            }
            heads.Sort(static (one, other) => (one.Issuer, one.Id).CompareTo((other.Issuer, other.Id)));
            return heads;
        }
    }

    /// <summary>A hash of <see cref="Heads"/>: nodes where it is equal have nothing to tell each other.</summary>
    public StatementId Digest
    {
        get
        {
            var writer = new CanonicalWriter();
            foreach (var head in Heads)
            {
                writer.Key(head.Issuer);
                writer.Id(head.Id);
            }
            return StatementId.Of(writer.Written);
        }
    }

    /// <summary>Statements that others here wait for, at most so many.</summary>
    public IReadOnlyList<StatementId> Wanted(int most) => [.. _waitersOf.Keys.Where(id => !IsKnown(id) && !_waiting.Contains(id)).Order().Take(most)];

    /// <summary>
    /// Statements a peer with these heads lacks, each after what it depends on, as many as fit; at least one if there is one. Where the
    /// peer is further in a chain than this log, nothing of the chain is told but what the peer wants: it has the rest, unless the chain forks.
    /// </summary>
    public IReadOnlyList<Statement> CollectMissing(IReadOnlyList<ChainHead> peerHeads, IReadOnlyList<StatementId> peerWants, int maxBytes)
    {
        var (known, ahead) = KnownTo(peerHeads);
        var needed = NeededFor(peerWants, known);
        var missing = new List<Statement>();
        foreach (var entry in _entries.InOrder)
        {
            if (known.Contains(entry.Id) || (ahead.Contains(entry.Statement.Issuer) && !needed.Contains(entry.Id))) { continue; }
            maxBytes -= entry.Statement.Encoded.Length;
            if (maxBytes < 0 && missing.Count > 0) { break; }
            missing.Add(entry.Statement);
        }
        return missing;
    }

    /// <summary>Whether a peer with these heads lacks what was forgotten here, and needs the package.</summary>
    public bool NeedsPackage(IReadOnlyList<ChainHead> peerHeads)
    {
        if (_installed is null) { return false; }
        var reached = new Dictionary<NodeId, ulong>();
        foreach (var head in peerHeads) { reached[head.Issuer] = Math.Max(reached.GetValueOrDefault(head.Issuer), head.Sequence + 1); }
        return _base.Heads.Any(head => reached.GetValueOrDefault(head.Key) < head.Value.Count);
    }

    private HashSet<StatementId> NeededFor(IReadOnlyList<StatementId> wanted, HashSet<StatementId> known)
    {
        var needed = new HashSet<StatementId>();
        var open = new Stack<StatementId>(wanted);
        while (open.TryPop(out var id))
        {
            if (known.Contains(id) || _entries.Find(id) is not { Statement: var statement } || !needed.Add(id)) { continue; }
            open.Push(statement.Previous);
            open.Push(statement.Authority);
            foreach (var seen in statement.After) { open.Push(seen.Id); }
        }
        return needed;
    }

    // Where the peer's end of a chain is not known here and lies further than ours, the peer is ahead and will tell; where it is not
    // further, the chain has a fork, and everything is told.
    private (HashSet<StatementId> Known, HashSet<NodeId> Ahead) KnownTo(IReadOnlyList<ChainHead> peerHeads)
    {
        var known = new HashSet<StatementId>();
        var furthest = new Dictionary<NodeId, ulong>();
        foreach (var head in peerHeads)
        {
            var entry = _entries.Find(head.Id);
            if (entry is null && !_base.Covers(head.Issuer, head.Sequence)) { furthest[head.Issuer] = Math.Max(furthest.GetValueOrDefault(head.Issuer), head.Sequence); }
            for (; entry is not null && known.Add(entry.Id); entry = _entries.Find(entry.Statement.Previous)) { }
        }
        foreach (var entry in _entries.InOrder)
        {
            if (furthest.TryGetValue(entry.Statement.Issuer, out var sequence) && entry.Sequence >= sequence) { furthest.Remove(entry.Statement.Issuer); }
        }
        return (known, [.. furthest.Keys]);
    }
}
