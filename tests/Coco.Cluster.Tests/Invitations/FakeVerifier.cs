using Coco.Cluster.Invitations;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Invitations;

internal sealed class FakeVerifier : IWelcomeVerifier
{
    public NetworkId Right { get; init; } = InvitationSamples.Network;

    public bool Verify(NetworkId network, NodeId node, ReadOnlyMemory<byte> certificate, IReadOnlyList<ReadOnlyMemory<byte>> statements) =>
        network == Right && NodeId.Read(certificate.Span[..NodeId.Size]) == node;
}
