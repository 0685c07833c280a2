using Coco.Cluster.Invitations;
using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <summary>Lets the sponsor admit nodes in the office of this node's user.</summary>
internal sealed class Certifier(NetworkMember member) : ICertifier
{
    public JoinRefusal? Check(NodeId node, JoinWish wish, TicketTerms terms) => member.WhyNotAdmitted(node, wish, terms);

    public ReadOnlyMemory<byte> Certify(NodeId node, JoinWish wish, TicketTerms terms) =>
        member.WhyNotAdmitted(node, wish, terms) is null ? member.CertificateFor(node, wish, terms).Encoded : default;

    public IReadOnlyList<ReadOnlyMemory<byte>> StatementsForNewcomer() => member.StatementsForNewcomer();
}
