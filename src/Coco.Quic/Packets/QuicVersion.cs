namespace Coco.Quic.Packets;

/// <summary>Version numbers of long headers (RFC 9000 §15).</summary>
internal static class QuicVersion
{
    /// <summary>Marks a Version Negotiation packet; no version of QUIC.</summary>
    public const uint Negotiation = 0;

    public const uint V1 = 0x0000_0001;

    /// <summary>§15: versions 0x?a?a?a?a are reserved to exercise version negotiation and are never supported.</summary>
    public static bool IsReserved(uint version) => (version & 0x0F0F_0F0F) == 0x0A0A_0A0A;

    /// <summary>A reserved version made of any random number.</summary>
    public static uint Reserved(uint random) => (random & 0xF0F0_F0F0) | 0x0A0A_0A0A;
}
