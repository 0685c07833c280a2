namespace Coco.Quic.Tls;

/// <summary>Signature schemes (RFC 8446 §4.2.3). All but Ed25519 belong to the X.509 mode of tests.</summary>
internal enum SignatureScheme : ushort
{
    None = 0,

    /// <summary>Only offered, for certificates signed with it; §4.4.3 forbids it in CertificateVerify.</summary>
    RsaPkcs1Sha256 = 0x0401,
    EcdsaSecp256r1Sha256 = 0x0403,
    RsaPssRsaeSha256 = 0x0804,
    Ed25519 = 0x0807,
}
