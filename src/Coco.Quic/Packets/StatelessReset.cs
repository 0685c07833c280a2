using Coco.Crypto;

namespace Coco.Quic.Packets;

/// <summary>
/// A datagram that looks like a 1-RTT packet and ends in a stateless reset token (RFC 9000 §10.3):
/// <code>01 (2) | Unpredictable Bits (38..) | Stateless Reset Token (128)</code>
/// </summary>
internal static class StatelessReset
{
    /// <summary>§10.3: 5 bytes of header and unpredictable bits, then the token. Shorter datagrams hold none.</summary>
    public const int MinLength = 5 + StatelessResetToken.Length;

    // Chosen: §10.3 asks for the length of a plausible packet, one that holds a connection ID of up to 20 bytes: 1 + 20 + 4 + 16.
    private const int PreferredLength = 41;

    /// <summary>
    /// Writes the answer to a packet nobody knows and returns its length; zero means none may be sent. It is always shorter than
    /// the packet that caused it, so that two endpoints without state cannot answer each other for ever (§10.3.3).
    /// </summary>
    public static int Write(Span<byte> destination, int triggerLength, in StatelessResetToken token, RandomSource random)
    {
        if (triggerLength <= MinLength) { return 0; }

        var length = Math.Min(triggerLength - 1, PreferredLength);
        random.Fill(destination[..(length - StatelessResetToken.Length)]);
        destination[0] = (byte)((destination[0] & 0x3F) | 0x40);
        token.CopyTo(destination[(length - StatelessResetToken.Length)..]);
        return length;
    }

    /// <summary>Whether a datagram that did not open as a packet ends in this token (§10.3.1).</summary>
    public static bool IsReset(ReadOnlySpan<byte> datagram, in StatelessResetToken token) =>
        datagram.Length >= MinLength && token.Matches(datagram[^StatelessResetToken.Length..]);
}
