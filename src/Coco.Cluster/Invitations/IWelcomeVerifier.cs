using Coco.Crypto;

namespace Coco.Cluster.Invitations;

/// <summary>Judges what a joiner was given: the membership of the ticket's network, before it is anybody's.</summary>
internal interface IWelcomeVerifier
{
    /// <summary>Whether the statements begin at the root key of this network, and the certificate is one of it for this node.</summary>
    public bool Verify(NetworkId network, NodeId node, ReadOnlyMemory<byte> certificate, IReadOnlyList<ReadOnlyMemory<byte>> statements);
}
