namespace Coco.Quic.Tls;

/// <summary>
/// The extensions this engine recognises (RFC 8446 §4.2); all others are unknown to it and ignored or refused as such.
/// </summary>
internal enum ExtensionType : ushort
{
    ServerName = 0,
    SupportedGroups = 10,
    SignatureAlgorithms = 13,
    ApplicationLayerProtocolNegotiation = 16,
    ClientCertificateType = 19,
    ServerCertificateType = 20,
    PreSharedKey = 41,
    EarlyData = 42,
    SupportedVersions = 43,
    Cookie = 44,
    PskKeyExchangeModes = 45,
    KeyShare = 51,
    QuicTransportParameters = 57,
}
