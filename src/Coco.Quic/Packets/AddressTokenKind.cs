namespace Coco.Quic.Packets;

/// <summary>
/// How a token reached the client, which decides what it proves (RFC 9000 §8.1.1: servers must tell them apart).
/// </summary>
internal enum AddressTokenKind : byte
{
    Retry = 0x01,
    NewToken = 0x02,
}
