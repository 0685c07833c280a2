namespace Coco.Traversal.Links;

/// <summary>
/// What a datagram is, by its first byte, where several protocols share one port (RFC 9443 §2): STUN 0x00–0x03, ours in the range that
/// ZRTP and others leave, QUIC 0x40–0xFF.
/// </summary>
public static class FirstByte
{
    /// <summary>An authenticated probe between two nodes that share keys.</summary>
    public const byte Probe = 0x04;

    /// <summary>A relayed datagram: this byte, a session number of 8 bytes, and the datagram itself.</summary>
    public const byte Relayed = 0x05;

    /// <summary>Bytes in front of a relayed datagram.</summary>
    public const int RelayedHeaderLength = 1 + 8;

    /// <summary>STUN (RFC 8489 §5: the two top bits are zero, and 0x00–0x03 is what RFC 9443 gives it).</summary>
    public static bool IsStun(byte first) => first <= 0x03;

    /// <summary>QUIC with its fixed bit, which nobody here greases.</summary>
    public static bool IsQuic(byte first) => first >= 0x40;
}
