using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Coco.Quic.Packets;

/// <summary>
/// Sixteen bytes known to the two endpoints, with which one that lost its state can end the connection (RFC 9000 §10.3).
/// </summary>
internal readonly struct StatelessResetToken
{
    public const int Length = 16;

    private readonly InlineBytes _bytes;

    public StatelessResetToken(ReadOnlySpan<byte> bytes) => bytes[..Length].CopyTo(_bytes);

    /// <summary>
    /// §10.3.2: HMAC of the connection ID under a static key, so that a restarted server finds the token again.
    /// </summary>
    public static StatelessResetToken Derive(ReadOnlySpan<byte> staticKey, in ConnectionId connectionId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(staticKey, connectionId.Span, hash);
        return new(hash);
    }

    public void CopyTo(Span<byte> destination) => ((ReadOnlySpan<byte>)_bytes).CopyTo(destination);

    /// <summary>Compares in constant time: §10.3.1 forbids to leak the token through the time a comparison takes.</summary>
    public bool Matches(ReadOnlySpan<byte> token) => CryptographicOperations.FixedTimeEquals(_bytes, token);

    [InlineArray(Length)]
    private struct InlineBytes
    {
        private byte _first;
    }
}
