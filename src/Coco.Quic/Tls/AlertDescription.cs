namespace Coco.Quic.Tls;

/// <summary>The alerts a handshake of ours can end with (RFC 8446 §6.2; the last from RFC 7301 §3.2).</summary>
internal enum AlertDescription : byte
{
    UnexpectedMessage = 10,
    HandshakeFailure = 40,
    BadCertificate = 42,
    UnsupportedCertificate = 43,
    CertificateUnknown = 46,
    IllegalParameter = 47,
    DecodeError = 50,
    DecryptError = 51,
    ProtocolVersion = 70,
    MissingExtension = 109,
    UnsupportedExtension = 110,
    UnrecognizedName = 112,
    CertificateRequired = 116,
    NoApplicationProtocol = 120,
}
