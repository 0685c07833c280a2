namespace Coco.Quic.Tls;

/// <summary>
/// CertificateRequest (RFC 8446 §4.3.2).
/// <code>
/// struct {
///     opaque certificate_request_context&lt;0..2^8-1&gt;;     empty during the handshake
///     Extension extensions&lt;2..2^16-1&gt;;                  signature_algorithms at least
/// } CertificateRequest;
/// </code>
/// </summary>
internal static class CertificateRequest
{
    public static bool TryRead(ReadOnlySpan<byte> body, out UInt16List schemes, out AlertDescription alert)
    {
        schemes = default;
        alert = AlertDescription.DecodeError;
        var reader = new TlsReader(body);
        if (!reader.TryReadVector8(0, out var context) || !reader.TryReadVector16(2, out var bytes) || !reader.IsEmpty)
        {
            return false;
        }
        if (!ExtensionBlock.TryParse(bytes, out var extensions, out alert)) { return false; }

        alert = AlertDescription.IllegalParameter;
        if (!context.IsEmpty) { return false; }
        alert = AlertDescription.MissingExtension;
        if (!extensions.TryFind(ExtensionType.SignatureAlgorithms, out var data)) { return false; }
        alert = AlertDescription.DecodeError;
        return UInt16List.TryParse16(data, out schemes);
    }

    public static ReadOnlySpan<byte> Write(TlsWriter writer, ReadOnlySpan<SignatureScheme> schemes)
    {
        var message = writer.BeginMessage(HandshakeType.CertificateRequest);
        writer.WriteByte(0);
        var extensions = writer.BeginVector(2);
        SignatureAlgorithms.Write(writer, schemes);
        writer.EndVector(extensions, 2);
        return writer.EndMessage(message);
    }
}
