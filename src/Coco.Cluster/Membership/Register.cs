using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>
/// The write that counts of one register: the deepest, which has seen the others, then the most senior, then the greatest name.
/// </summary>
internal sealed record Register(RegisterKind Kind, NodeId Subject, ulong Depth, Place By, StatementId Id, StatementBody Value)
{
    public bool Beats(Register other)
    {
        if (Depth != other.Depth) { return Depth > other.Depth; }
        var place = By.CompareTo(other.By);
        return place != 0 ? place < 0 : Id > other.Id;
    }
}
