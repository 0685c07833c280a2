using Coco.Cluster.Invitations;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Invitations;

/// <summary>Certificates that differ each time they are made, so that a repeated one is seen to be the same.</summary>
internal sealed class FakeCertifier : ICertifier
{
    public int Made { get; private set; }

    public JoinRefusal? Refusal { get; set; }

    public IReadOnlyList<ReadOnlyMemory<byte>> Statements { get; set; } = [new byte[] { 1, 2, 3 }, new byte[] { 4 }];

    public JoinRefusal? Check(NodeId node, JoinWish wish, TicketTerms terms) => Refusal;

    public ReadOnlyMemory<byte> Certify(NodeId node, JoinWish wish, TicketTerms terms)
    {
        var bytes = new byte[NodeId.Size + 1];
        node.CopyTo(bytes);
        bytes[^1] = (byte)++Made;
        return bytes;
    }

    public IReadOnlyList<ReadOnlyMemory<byte>> StatementsForNewcomer() => Statements;
}
