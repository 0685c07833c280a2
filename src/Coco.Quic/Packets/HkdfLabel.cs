using System.Diagnostics;
using System.Security.Cryptography;

namespace Coco.Quic.Packets;

/// <summary>HKDF with SHA-256 (RFC 5869) and the labels of TLS 1.3 (RFC 8446 §7.1), on the stack.</summary>
/// <remarks>The platform's one-shot HMAC neither allocates nor opens a native context, unlike its HKDF class.</remarks>
internal static class HkdfLabel
{
    public const int HashLength = SHA256.HashSizeInBytes;

    private const int MaxLabelLength = 255 - 6;
    private const int MaxContextLength = 255;

    public static void Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> inputKeyingMaterial, Span<byte> pseudorandomKey) =>
        HMACSHA256.HashData(salt, inputKeyingMaterial, pseudorandomKey);

    /// <summary>Fills <paramref name="destination"/>; the label goes without its "tls13 " prefix.</summary>
    public static void ExpandLabel(
        ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(label.Length, MaxLabelLength, nameof(label));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(context.Length, MaxContextLength, nameof(context));
        Debug.Assert(destination.Length <= byte.MaxValue * HashLength, "RFC 5869 §2.3: at most 255 blocks");

        // Block n of the output is HMAC(secret, block n-1 || HkdfLabel || n). The previous block stands before the label here.
        Span<byte> input = stackalloc byte[HashLength + 2 + 1 + 6 + MaxLabelLength + 1 + MaxContextLength + 1];
        var info = new SpanWriter(input[HashLength..]);
        info.WriteUInt16((ushort)destination.Length);
        info.WriteByte((byte)("tls13 "u8.Length + label.Length));
        info.WriteBytes("tls13 "u8);
        info.WriteBytes(label);
        info.WriteByte((byte)context.Length);
        info.WriteBytes(context);

        Span<byte> block = stackalloc byte[HashLength];
        var end = HashLength + info.Position;
        for (byte n = 1; !destination.IsEmpty; n++)
        {
            input[end] = n;
            HMACSHA256.HashData(secret, input[(n == 1 ? HashLength : 0)..(end + 1)], block);
            var taken = Math.Min(block.Length, destination.Length);
            block[..taken].CopyTo(destination);
            block.CopyTo(input);
            destination = destination[taken..];
        }
        CryptographicOperations.ZeroMemory(block);
        CryptographicOperations.ZeroMemory(input);
    }
}
