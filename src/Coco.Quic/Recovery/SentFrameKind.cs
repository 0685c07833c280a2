namespace Coco.Quic.Recovery;

/// <summary>What a sent frame must do when its packet is lost (RFC 9000 §13.3).</summary>
internal enum SentFrameKind : byte
{
    Stream,
    StreamControl,
    Crypto,
    NewConnectionId,
    RetireConnectionId,
    HandshakeDone,
    NewToken,
    AckFrequency,
    Datagram,
}
