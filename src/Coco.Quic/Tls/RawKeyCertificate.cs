using Coco.Crypto;

namespace Coco.Quic.Tls;

/// <summary>An identity key presented as a raw public key (RFC 7250).</summary>
internal sealed class RawKeyCertificate(IdentityKey identity) : LocalCertificate
{
    public override SignatureScheme Scheme => SignatureScheme.Ed25519;

    public override int EntryCount => 1;

    public override void WriteEntry(int index, TlsWriter writer) =>
        RawPublicKey.Write(identity.Id, writer.Take(RawPublicKey.Length));

    public override int Sign(ReadOnlySpan<byte> content, Span<byte> signature)
    {
        identity.Sign(content, signature[..IdentityKey.SignatureSize]);
        return IdentityKey.SignatureSize;
    }
}
