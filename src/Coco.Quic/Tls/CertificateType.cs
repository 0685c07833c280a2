namespace Coco.Quic.Tls;

/// <summary>What a Certificate message carries (RFC 7250 §3).</summary>
internal enum CertificateType : byte
{
    X509 = 0,
    RawPublicKey = 2,
}
