using Coco.Crypto;

namespace Coco.Quic.Tls;

/// <summary>
/// An Ed25519 key as the SubjectPublicKeyInfo that RFC 7250 puts in the place of a certificate (form: RFC 8410 §4).
/// <code>
/// 30 2a                        SEQUENCE, 42 bytes
///    30 05  06 03 2b 65 70       AlgorithmIdentifier 1.3.101.112 (Ed25519), no parameters
///    03 21  00                   BIT STRING, 33 bytes, no unused bits
///       32 bytes                 the key, which is the NodeId
/// </code>
/// </summary>
internal static class RawPublicKey
{
    public const int Length = 44;

    private static ReadOnlySpan<byte> Prefix => [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    /// <summary>False for any other kind of key. DER has one form for each value, so comparing the prefix is parsing.</summary>
    public static bool TryRead(ReadOnlySpan<byte> subjectPublicKeyInfo, out NodeId key)
    {
        key = default;
        if (subjectPublicKeyInfo.Length != Length || !subjectPublicKeyInfo.StartsWith(Prefix)) { return false; }
        key = NodeId.Read(subjectPublicKeyInfo[Prefix.Length..]);
        return true;
    }

    public static void Write(NodeId key, Span<byte> destination)
    {
        Prefix.CopyTo(destination);
        key.CopyTo(destination[Prefix.Length..Length]);
    }
}
