namespace Coco.Quic.Tls;

/// <summary>
/// CertificateVerify (RFC 8446 §4.4.3).
/// <code>
/// struct {
///     SignatureScheme algorithm;        2 bytes
///     opaque signature&lt;0..2^16-1&gt;;     64 bytes for Ed25519
/// } CertificateVerify;
///
/// signed:  64 × 0x20 | context string, 33 bytes | 0x00 | Transcript-Hash(ClientHello...Certificate)
/// </code>
/// </summary>
internal static class CertificateVerify
{
    private const int Padding = 64;
    private const int ContextLength = 33;
    private const int ContentLength = Padding + ContextLength + 1 + TlsProfile.HashLength;

    public static bool TryRead(ReadOnlySpan<byte> body, out SignatureScheme scheme, out ReadOnlySpan<byte> signature)
    {
        var reader = new TlsReader(body);
        signature = default;
        var parsed = reader.TryReadUInt16(out var algorithm) && reader.TryReadVector16(0, out signature) && reader.IsEmpty;
        scheme = (SignatureScheme)algorithm;
        return parsed;
    }

    public static bool Verify(
        PeerCertificate certificate, SignatureScheme scheme, ReadOnlySpan<byte> signature,
        bool byClient, ReadOnlySpan<byte> transcriptHash)
    {
        Span<byte> content = stackalloc byte[ContentLength];
        WriteContent(content, byClient, transcriptHash);
        return certificate.Verify(scheme, content, signature);
    }

    public static ReadOnlySpan<byte> Write(
        TlsWriter writer, LocalCertificate certificate, bool byClient, ReadOnlySpan<byte> transcriptHash)
    {
        Span<byte> content = stackalloc byte[ContentLength];
        WriteContent(content, byClient, transcriptHash);
        Span<byte> signature = stackalloc byte[LocalCertificate.MaxSignatureLength];
        var length = certificate.Sign(content, signature);

        var message = writer.BeginMessage(HandshakeType.CertificateVerify);
        writer.WriteUInt16((ushort)certificate.Scheme);
        writer.WriteUInt16((ushort)length);
        writer.Write(signature[..length]);
        return writer.EndMessage(message);
    }

    private static void WriteContent(Span<byte> content, bool byClient, ReadOnlySpan<byte> transcriptHash)
    {
        var context = byClient ? "TLS 1.3, client CertificateVerify"u8 : "TLS 1.3, server CertificateVerify"u8;
        content[..Padding].Fill(0x20);
        context.CopyTo(content[Padding..]);
        content[Padding + ContextLength] = 0;
        transcriptHash.CopyTo(content[(Padding + ContextLength + 1)..]);
    }
}
