using Coco.Crypto;

namespace Coco.Quic.Tls;

/// <summary>A peer's raw public key (RFC 7250).</summary>
internal sealed class PeerRawKey(NodeId id) : PeerCertificate
{
    public override NodeId Id => id;

    public override bool Verify(SignatureScheme scheme, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature) =>
        signature.Length == IdentityKey.SignatureSize && id.Verify(content, signature);
}
