using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Coco.Quic.Tls;

/// <summary>
/// HKDF-Expand-Label with SHA-256 (RFC 8446 §7.1).
/// <code>
/// struct {
///     uint16 length;                            how many bytes are wanted
///     opaque label&lt;7..255&gt; = "tls13 " + Label;
///     opaque context&lt;0..255&gt; = Context;
/// } HkdfLabel;
/// </code>
/// </summary>
internal static class HkdfLabel
{
    private const int MaxLength = 2 + 1 + 255 + 1 + 255;

    private static ReadOnlySpan<byte> Prefix => "tls13 "u8;

    public static void Expand(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(label.Length, 255 - Prefix.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(context.Length, 255);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(output.Length, 255 * TlsProfile.HashLength);

        // RFC 5869 §2.3: T(i) = HMAC(secret, T(i-1) | info | i). Room for T(i-1) stands in front, so that all of it is one span.
        const int Room = TlsProfile.HashLength;
        Span<byte> buffer = stackalloc byte[Room + MaxLength + 1];
        var info = buffer[Room..];
        var length = Write(info, label, context, output.Length);

        var from = Room;
        Span<byte> block = buffer[..Room];
        for (byte i = 1; !output.IsEmpty; i++)
        {
            info[length] = i;
            HMACSHA256.HashData(secret, buffer[from..(Room + length + 1)], block);
            from = 0;

            var take = Math.Min(output.Length, block.Length);
            block[..take].CopyTo(output);
            output = output[take..];
        }

        CryptographicOperations.ZeroMemory(block);
    }

    private static int Write(Span<byte> info, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int outputLength)
    {
        BinaryPrimitives.WriteUInt16BigEndian(info, (ushort)outputLength);
        info[2] = (byte)(Prefix.Length + label.Length);
        Prefix.CopyTo(info[3..]);
        label.CopyTo(info[(3 + Prefix.Length)..]);
        var at = 3 + Prefix.Length + label.Length;
        info[at] = (byte)context.Length;
        context.CopyTo(info[(at + 1)..]);
        return at + 1 + context.Length;
    }
}
