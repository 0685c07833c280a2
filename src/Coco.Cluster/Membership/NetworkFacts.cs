using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>
/// All that statements amount to: what an evaluation collects, what a snapshot holds, and what the next evaluation starts from.
/// </summary>
internal sealed partial class NetworkFacts
{
    /// <summary>How far the chains went into a snapshot this comes from; empty if from none.</summary>
    public Dictionary<NodeId, Cut> Heads { get; } = [];

    /// <summary>The depth of everything in that snapshot.</summary>
    public ulong Depth { get; set; }

    /// <summary>The line of owners; empty while the network's beginning is not known.</summary>
    public List<Epoch> Epochs { get; } = [];

    public Dictionary<StatementId, Tenure> Tenures { get; } = [];

    public Dictionary<StatementId, DelegateGrant> Delegates { get; } = [];

    public Dictionary<StatementId, GivenRole> Guests { get; } = [];

    public Dictionary<StatementId, Closing> Closings { get; } = [];

    /// <summary>What stays when the same office revokes the same, beside what the revocation lists.</summary>
    public Dictionary<StatementId, Closing> Kept { get; } = [];

    public Dictionary<StatementId, Ban> Bans { get; } = [];

    /// <summary>Revoked nodes, and the most senior office that did it: whose nodes it can revoke depends on that.</summary>
    public Dictionary<NodeId, Place> RevokedNodes { get; } = [];

    public Dictionary<(RegisterKind Kind, NodeId Subject), Register> Registers { get; } = [];

    public Dictionary<StatementId, GrantedResource> Resources { get; } = [];

    /// <summary>Whether a statement lies in the part of the chains that the snapshot has taken the place of.</summary>
    public bool Covers(NodeId issuer, ulong sequence) => Heads.TryGetValue(issuer, out var head) && sequence < head.Count;

    /// <summary>All that a revocation of an office keeps.</summary>
    public Keep KeptBy(Place office, StatementId subject, Keep keep)
    {
        foreach (var more in Kept.Values)
        {
            if (more.Subject == subject && more.By.Equals(office)) { keep = keep.With(more.Keep); }
        }
        return keep;
    }

    /// <summary>The last statement of a chain that the snapshot contains, or none.</summary>
    public Cut HeadOf(NodeId issuer) => Heads.GetValueOrDefault(issuer);
}
