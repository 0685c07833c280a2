namespace Coco.Quic.Tls;

/// <summary>The server's state machine (RFC 8446 §A.2).</summary>
internal enum ServerState : byte
{
    Start,

    /// <summary>A HelloRetryRequest was sent: "Start" once more, with a transcript.</summary>
    Retried,
    WaitCertificate,
    WaitCertificateVerify,
    WaitFinished,
    Connected,
}
