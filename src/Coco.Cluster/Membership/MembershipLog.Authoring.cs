using System.Collections.Immutable;
using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <content>What an author needs to know of the chains.</content>
internal sealed partial class MembershipLog
{
    /// <summary>The end of the branch that counts of somebody's chain.</summary>
    public Cut TipOf(NodeId issuer)
    {
        Evaluate();
        return _evaluation!.TipOf(issuer);
    }

    /// <summary>Ends of other chains that the issuer's chain has not named yet, the newest here first, as many as a statement may name.</summary>
    public ImmutableArray<ChainHead> SeenBy(NodeId issuer)
    {
        Evaluate();
        var named = new Dictionary<NodeId, ulong>();
        foreach (var entry in _entries.InOrder)
        {
            if (entry.Statement.Issuer != issuer) { continue; }
            foreach (var head in entry.Statement.After) { named[head.Issuer] = Math.Max(named.GetValueOrDefault(head.Issuer), head.Sequence + 1); }
        }
        var seen = new List<ChainHead>();
        var looked = new HashSet<NodeId> { issuer, network.Key };
        for (var i = _entries.InOrder.Count - 1; i >= 0 && seen.Count < Statement.MaxAfter; i--)
        {
            var entry = _entries.InOrder[i];
            if (!looked.Add(entry.Statement.Issuer)) { continue; }
            var tip = _evaluation!.TipOf(entry.Statement.Issuer);
            if (tip.Count > named.GetValueOrDefault(entry.Statement.Issuer)) { seen.Add(new(entry.Statement.Issuer, tip.Count - 1, tip.Last)); }
        }
        return [.. seen];
    }
}
