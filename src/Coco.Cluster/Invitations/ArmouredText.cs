using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Coco.Cluster.Invitations;

/// <summary>
/// Bytes as text that survives copying, reading aloud and QR codes: a prefix that says what it is, then base32 (RFC 4648 §6, no padding) of
/// the bytes and the first 4 bytes of SHA-256(prefix ‖ bytes). Read in either case and with white space anywhere; written in lower case.
/// The upper-case form fits the alphanumeric mode of QR codes, which takes 4,296 characters at most (ISO/IEC 18004).
/// </summary>
internal static class ArmouredText
{
    private const int ChecksumSize = 4;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    public static string Write(string prefix, ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(prefix, prefix.Length + ((bytes.Length + ChecksumSize) * 8 / 5) + 1);
        byte[] all = [.. bytes, .. Checksum(prefix, bytes)];
        var (bits, count) = (0u, 0);
        foreach (var value in all)
        {
            bits = (bits << 8) | value;
            for (count += 8; count >= 5; count -= 5) { text.Append(Alphabet[(int)(bits >> (count - 5)) & 31]); }
        }
        if (count > 0) { text.Append(Alphabet[(int)(bits << (5 - count)) & 31]); }
        return text.ToString();
    }

    /// <summary>False for a text of another kind, one that was mistyped, and one of more than <paramref name="maxBytes"/> bytes.</summary>
    public static bool TryRead(string prefix, ReadOnlySpan<char> text, int maxBytes, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        // White space may double a text; what is longer still is not worth a look.
        var maxCharacters = prefix.Length + (((maxBytes + ChecksumSize) * 8) + 4) / 5;
        if (text.Length > 2 * maxCharacters) { return false; }
        var read = new List<byte>(Math.Min(text.Length, maxCharacters));
        var (bits, count, at) = (0u, 0, 0);
        foreach (var written in text)
        {
            if (char.IsWhiteSpace(written)) { continue; }
            var character = char.ToLowerInvariant(written);
            if (at < prefix.Length)
            {
                if (character != prefix[at++]) { return false; }
                continue;
            }
            var value = char.IsAscii(character) ? Alphabet.IndexOf(character) : -1;
            if (value < 0) { return false; }
            bits = (bits << 5) | (uint)value;
            count += 5;
            if (count >= 8) { read.Add((byte)(bits >> (count -= 8))); }
        }
        if (count >= 5 || (bits & ((1u << count) - 1)) != 0) { return false; } // one spelling
        if (at < prefix.Length || read.Count < ChecksumSize || read.Count > maxBytes + ChecksumSize) { return false; }
        var payload = read.GetRange(0, read.Count - ChecksumSize).ToArray();
        if (!Checksum(prefix, payload).AsSpan().SequenceEqual(read.GetRange(payload.Length, ChecksumSize).ToArray())) { return false; }
        bytes = payload;
        return true;
    }

    private static byte[] Checksum(string prefix, ReadOnlySpan<byte> bytes) =>
        SHA256.HashData([.. Encoding.ASCII.GetBytes(prefix), .. bytes])[..ChecksumSize];
}
