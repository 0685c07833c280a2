using System.Security.Cryptography;
using Coco.Crypto;

namespace Coco.Quic.Tls;

/// <summary>A certificate chain in DER, the end entity first, and its Ed25519 or ECDSA P-256 key. For tests.</summary>
internal sealed class X509Credential : LocalCertificate
{
    private readonly IReadOnlyList<byte[]> _chain;
    private readonly IdentityKey? _ed25519;
    private readonly ECDsa? _p256;

    public X509Credential(IReadOnlyList<byte[]> chain, IdentityKey key) => (_chain, _ed25519) = (chain, key);

    public X509Credential(IReadOnlyList<byte[]> chain, ECDsa key) => (_chain, _p256) = (chain, key);

    public override SignatureScheme Scheme => _p256 is null ? SignatureScheme.Ed25519 : SignatureScheme.EcdsaSecp256r1Sha256;

    public override int EntryCount => _chain.Count;

    public override void WriteEntry(int index, TlsWriter writer) => writer.Write(_chain[index]);

    public override int Sign(ReadOnlySpan<byte> content, Span<byte> signature)
    {
        if (_p256 is not null)
        {
            return _p256.SignData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }

        _ed25519!.Sign(content, signature[..IdentityKey.SignatureSize]);
        return IdentityKey.SignatureSize;
    }
}
