namespace Coco.Quic.Tls;

/// <summary>The client's state machine (RFC 8446 §A.1).</summary>
internal enum ClientState : byte
{
    Start,
    WaitServerHello,
    WaitEncryptedExtensions,
    WaitCertificateOrRequest,
    WaitCertificate,
    WaitCertificateVerify,
    WaitFinished,
    Connected,
}
