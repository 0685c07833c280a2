namespace Coco.Traversal.Stun;

/// <summary>FINGERPRINT (RFC 8489 §14.7): CRC-32 of all that stands before it, mixed with "STUN".</summary>
internal static class StunFingerprint
{
    public const int Length = 4;

    private const uint Mix = 0x5354_554E;
    private const uint Polynomial = 0xEDB8_8320; // ITU V.42 §8.1.1.6.2, bits reversed

    private static readonly uint[] Table = MakeTable();

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes) { crc = Table[(byte)crc ^ value] ^ (crc >> 8); }
        return ~crc ^ Mix;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++) { crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1; }
            table[i] = crc;
        }
        return table;
    }
}
