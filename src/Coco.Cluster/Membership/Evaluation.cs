using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>
/// What a set of statements amounts to: a pure function of the set. It finds the line of owners, then goes through the offices from senior to
/// junior; an act counts only against what is junior to it, so when an office's turn comes, all that can limit it is known.
/// </summary>
internal sealed partial class Evaluation
{
    private readonly EntrySet _entries;
    private readonly NetworkId _network;
    private readonly Dictionary<StatementId, ulong> _depths = [];
    private readonly List<Entry> _recoveries = [];
    private readonly List<Entry> _retirements = [];
    private readonly Dictionary<StatementId, VoidReason> _reasons = [];

    private Evaluation(NetworkId network, EntrySet entries, NetworkFacts facts)
    {
        (_network, _entries, Facts) = (network, entries, facts);
        foreach (var closing in facts.Closings.Values) { Index(_closingsOf, closing.Subject, closing.Id); }
        foreach (var ban in facts.Bans.Values) { Index(_bansOf, ban.User.Key, ban.Id); }
        FindDepths();
    }

    public NetworkFacts Facts { get; }

    /// <summary>The snapshot the evaluation started from, if any.</summary>
    public byte[]? Snapshot { get; private init; }

    /// <summary>Evaluates from the newest snapshot in force, or else from <paramref name="installed"/>, or else from the beginning.</summary>
    public static Evaluation Run(NetworkId network, EntrySet entries, byte[]? installed)
    {
        var evaluation = new Evaluation(network, entries, Read(installed)) { Snapshot = installed };
        evaluation.FindOwners();
        if (evaluation.FindSnapshot() is { } newer && !newer.AsSpan().SequenceEqual(installed))
        {
            evaluation = new(network, entries, Read(newer)) { Snapshot = newer };
            evaluation.FindOwners();
        }
        evaluation.RunOffices();
        return evaluation;
    }

    private static NetworkFacts Read(byte[]? snapshot) =>
        snapshot is null ? new() : NetworkFacts.ReadSnapshot(snapshot) ?? throw new InvalidOperationException("A snapshot that was read before cannot be read.");

    // What happened before has less depth. Dependencies come first in the order, and what a snapshot contains has the snapshot's depth.
    private void FindDepths()
    {
        foreach (var entry in _entries.InOrder)
        {
            var statement = entry.Statement;
            // A snapshot does not stand for recoveries: whoever stole the owner's key makes snapshots, too.
            if (entry.Body is StatementBody.Recover) { _recoveries.Add(entry); }
            if (Facts.Covers(statement.Issuer, statement.Sequence))
            {
                _reasons[entry.Id] = VoidReason.InSnapshot;
                continue;
            }
            _depths.Add(entry.Id, DepthBefore(entry) + 1);
            if (statement.IsAgreed && Retirement.In(entry.Body) is not null) { _retirements.Add(entry); }
        }
    }

    // What else a recovery has seen may lie on a branch that a thief's snapshot leaves out, and never come.
    private ulong DepthBefore(Entry entry)
    {
        var statement = entry.Statement;
        var depth = DepthOf(statement.Authority);
        if (entry.Body is StatementBody.Recover) { return depth; }
        depth = Math.Max(depth, DepthOf(statement.Previous));
        foreach (var head in statement.After) { depth = Math.Max(depth, DepthOf(head.Id)); }
        return depth;
    }

    /// <summary>The end of the branch that counts of somebody's chain, the snapshot's part included.</summary>
    public Cut TipOf(NodeId issuer) => PathOf(issuer) is [.., var last] ? last.AsCut : Facts.HeadOf(issuer);

    /// <summary>The present as a snapshot.</summary>
    public byte[] EncodeSnapshot()
    {
        var heads = _entries.Chains.Keys.Concat(Facts.Heads.Keys).Distinct().ToDictionary(static issuer => issuer, TipOf);
        var depth = _depths.Count > 0 ? _depths.Values.Max() : 0;
        return Facts.EncodeSnapshot(heads, Math.Max(depth, Facts.Depth));
    }

    private ulong DepthOf(StatementId id) => _depths.GetValueOrDefault(id, Facts.Depth);

    private bool IsCovered(Entry entry) => Facts.Covers(entry.Statement.Issuer, entry.Sequence);
}
