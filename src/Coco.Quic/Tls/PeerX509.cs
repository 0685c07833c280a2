using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coco.Crypto;

namespace Coco.Quic.Tls;

/// <summary>A peer's end-entity certificate in the X.509 mode of tests: only its public key is looked at.</summary>
internal sealed class PeerX509(byte[] der) : PeerCertificate
{
    private const string Ed25519Oid = "1.3.101.112"; // RFC 8410 §3

    public override bool Verify(SignatureScheme scheme, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(der);
            return Verify(certificate, scheme, content, signature);
        }
        catch (CryptographicException)
        {
            // The platform's parser says by exception that a certificate or its key is malformed.
            return false;
        }
    }

    private static bool Verify(
        X509Certificate2 certificate, SignatureScheme scheme, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        switch (scheme)
        {
            case SignatureScheme.Ed25519:
                var key = certificate.PublicKey;
                return key.Oid.Value == Ed25519Oid && key.EncodedKeyValue.RawData.Length == NodeId.Size &&
                       signature.Length == IdentityKey.SignatureSize &&
                       NodeId.Read(key.EncodedKeyValue.RawData).Verify(content, signature);
            case SignatureScheme.EcdsaSecp256r1Sha256:
                using (var ecdsa = certificate.GetECDsaPublicKey())
                {
                    // RFC 8446 §4.2.3: the scheme names the curve too.
                    return ecdsa is { KeySize: 256 } &&
                           ecdsa.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
                }

            case SignatureScheme.RsaPssRsaeSha256:
                using (var rsa = certificate.GetRSAPublicKey())
                {
                    return rsa is not null &&
                           rsa.VerifyData(content, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
                }

            default:
                return false;
        }
    }
}
