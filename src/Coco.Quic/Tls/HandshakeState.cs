namespace Coco.Quic.Tls;

/// <summary>How far a handshake has come, as its connection sees it.</summary>
internal enum HandshakeState : byte
{
    InProgress,

    /// <summary>Our Finished is sent and the peer's is verified (RFC 9001 §4.1.1).</summary>
    Complete,
    Failed,
}
