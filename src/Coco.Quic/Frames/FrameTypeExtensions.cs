using Coco.Quic.Packets;

namespace Coco.Quic.Frames;

/// <summary>Rules that depend on a frame's type alone (RFC 9000 §12.4, Table 3).</summary>
internal static class FrameTypeExtensions
{
    // One bit per EncryptionLevel.
    private const int Initial = 1 << (int)EncryptionLevel.Initial;
    private const int ZeroRtt = 1 << (int)EncryptionLevel.ZeroRtt;
    private const int Handshake = 1 << (int)EncryptionLevel.Handshake;
    private const int OneRtt = 1 << (int)EncryptionLevel.OneRtt;

    public static bool IsAllowedIn(this FrameType type, EncryptionLevel level) => (Levels(type) & (1 << (int)level)) != 0;

    /// <summary>Whether a packet with this frame must be acknowledged (RFC 9002 §2).</summary>
    public static bool IsAckEliciting(this FrameType type) =>
        type is not (FrameType.Padding or FrameType.Ack or FrameType.AckEcn
            or FrameType.ConnectionClose or FrameType.ApplicationClose);

    /// <summary>Whether a packet of only such frames does not mean that the peer migrated (§9.1).</summary>
    public static bool IsProbing(this FrameType type) =>
        type is FrameType.PathChallenge or FrameType.PathResponse or FrameType.NewConnectionId or FrameType.Padding;

    /// <summary>Whether only a server may send it: from a client it is a PROTOCOL_VIOLATION (§19.7 and §19.20).</summary>
    public static bool IsServerOnly(this FrameType type) => type is FrameType.NewToken or FrameType.HandshakeDone;

    private static int Levels(FrameType type) => type switch
    {
        FrameType.Padding or FrameType.Ping or FrameType.ConnectionClose => Initial | ZeroRtt | Handshake | OneRtt,
        FrameType.Ack or FrameType.AckEcn or FrameType.Crypto => Initial | Handshake | OneRtt,
        // The draft's §3: 0-RTT has no min_ack_delay of the peer to go by.
        FrameType.NewToken or FrameType.PathResponse or FrameType.HandshakeDone
            or FrameType.ImmediateAck or FrameType.AckFrequency => OneRtt,
        // Table 3 allows it in 0-RTT, but §12.5 calls it not possible there and lets a server refuse it.
        FrameType.RetireConnectionId => OneRtt,
        _ => ZeroRtt | OneRtt,
    };
}
