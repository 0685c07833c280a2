namespace Coco.Quic.Packets;

/// <summary>Kinds of version 1 packets; the first four are the two type bits of a long header (RFC 9000 §17.2).</summary>
internal enum PacketType : byte
{
    Initial = 0,
    ZeroRtt = 1,
    Handshake = 2,
    Retry = 3,
    OneRtt,
    VersionNegotiation,
}
