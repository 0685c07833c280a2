using Coco.Crypto;

namespace Coco.Quic.Tls;

/// <summary>The key a peer has presented and must yet prove to hold.</summary>
internal abstract class PeerCertificate
{
    /// <summary>The peer's identity; default in the X.509 mode, which knows none.</summary>
    public virtual NodeId Id => default;

    public abstract bool Verify(SignatureScheme scheme, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature);
}
