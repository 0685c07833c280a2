namespace Coco.Crypto;

/// <summary>RFC 4648 §6 base32 for 32 bytes: lower-case, no padding, and only the canonical spelling is read.</summary>
internal static class Base32
{
    public const int IdentityLength = 52; // 256 bits in groups of five; the last character carries one bit and four zeros

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    public static void Write(ReadOnlySpan<byte> bytes, Span<char> text)
    {
        var (bits, count, at) = (0u, 0, 0);
        foreach (var value in bytes)
        {
            bits = (bits << 8) | value;
            for (count += 8; count >= 5; count -= 5) { text[at++] = Alphabet[(int)(bits >> (count - 5)) & 31]; }
        }
        if (count > 0) { text[at] = Alphabet[(int)(bits << (5 - count)) & 31]; }
    }

    public static bool TryRead(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.Length != IdentityLength) { return false; }

        var (bits, count, at) = (0u, 0, 0);
        foreach (var character in text)
        {
            var value = ValueOf(character);
            if (value < 0) { return false; }

            bits = (bits << 5) | (uint)value;
            count += 5;
            if (count >= 8) { bytes[at++] = (byte)(bits >> (count -= 8)); }
        }
        // Bits left over must be zero: otherwise sixteen texts would name the same identity.
        return (bits & ((1u << count) - 1)) == 0;
    }

    private static int ValueOf(char character) => character switch
    {
        >= 'a' and <= 'z' => character - 'a',
        >= '2' and <= '7' => character - '2' + 26,
        _ => -1,
    };
}
