namespace Coco.Quic.Packets;

/// <summary>Which keys protect a packet (RFC 9001 §2.1).</summary>
internal enum EncryptionLevel : byte
{
    Initial,
    ZeroRtt,
    Handshake,
    OneRtt,
}
