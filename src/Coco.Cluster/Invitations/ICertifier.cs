using Coco.Crypto;

namespace Coco.Cluster.Invitations;

/// <summary>Who issues certificates: the membership of the inviter. Nothing it makes goes out before the use of the ticket is on disk.</summary>
internal interface ICertifier
{
    /// <summary>Why this node would not be admitted, such as a name that is taken; null when it would.</summary>
    public JoinRefusal? Check(NodeId node, JoinWish wish, TicketTerms terms);

    /// <summary>
    /// Admits the node and gives its user the role. Empty when that is not allowed any more. It may be called again for the same node
    /// after a crash, when its first certificate went nowhere.
    /// </summary>
    public ReadOnlyMemory<byte> Certify(NodeId node, JoinWish wish, TicketTerms terms);

    /// <summary>The signed statements a newcomer begins with, the root's first.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> StatementsForNewcomer();
}
