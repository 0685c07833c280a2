namespace Coco.Quic.Tls;

/// <summary>
/// The signature_algorithms extension (RFC 8446 §4.2.3): <c>SignatureScheme
/// supported_signature_algorithms&lt;2..2^16-2&gt;</c>.
/// </summary>
internal static class SignatureAlgorithms
{
    private static ReadOnlySpan<SignatureScheme> RawKeys => [SignatureScheme.Ed25519];

    private static ReadOnlySpan<SignatureScheme> X509 =>
    [
        SignatureScheme.Ed25519, SignatureScheme.EcdsaSecp256r1Sha256,
        SignatureScheme.RsaPssRsaeSha256, SignatureScheme.RsaPkcs1Sha256,
    ];

    /// <summary>What we accept from a peer.</summary>
    public static ReadOnlySpan<SignatureScheme> Accepted(TlsOptions options) => options.X509 is null ? RawKeys : X509;

    public static void Write(TlsWriter writer, ReadOnlySpan<SignatureScheme> schemes)
    {
        var extension = writer.BeginExtension(ExtensionType.SignatureAlgorithms);
        var list = writer.BeginVector(2);
        foreach (var scheme in schemes) { writer.WriteUInt16((ushort)scheme); }
        writer.EndVector(list, 2);
        writer.EndExtension(extension);
    }
}
