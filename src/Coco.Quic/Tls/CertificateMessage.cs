namespace Coco.Quic.Tls;

/// <summary>
/// Certificate (RFC 8446 §4.4.2).
/// <code>
/// struct {
///     opaque cert_data&lt;1..2^24-1&gt;;        a SubjectPublicKeyInfo (RFC 7250), or an X.509 certificate in tests
///     Extension extensions&lt;0..2^16-1&gt;;
/// } CertificateEntry;
///
/// struct {
///     opaque certificate_request_context&lt;0..2^8-1&gt;;     empty during the handshake
///     CertificateEntry certificate_list&lt;0..2^24-1&gt;;
/// } Certificate;
/// </code>
/// </summary>
internal static class CertificateMessage
{
    /// <summary>Reads the first entry; empty when the list is.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> body, CertificateType type, out ReadOnlySpan<byte> leaf, out AlertDescription alert)
    {
        leaf = default;
        alert = AlertDescription.DecodeError;
        var message = new TlsReader(body);
        if (!message.TryReadVector8(0, out var context) || !message.TryReadVector24(0, out var list) || !message.IsEmpty)
        {
            return false;
        }

        var entries = new TlsReader(list);
        for (var count = 0; !entries.IsEmpty; count++)
        {
            alert = AlertDescription.DecodeError;
            if (!entries.TryReadVector24(1, out var certificate) || !entries.TryReadVector16(0, out var extensions))
            {
                return false;
            }
            if (!ExtensionBlock.TryParse(extensions, out _, out alert)) { return false; }

            // §4.4.2: extensions here answer ones of ours, and neither OCSP nor SCT was among them.
            alert = AlertDescription.UnsupportedExtension;
            if (!extensions.IsEmpty) { return false; }

            // §4.4.2: with raw public keys there is no more than one entry.
            alert = AlertDescription.IllegalParameter;
            if (count > 0 && type is CertificateType.RawPublicKey) { return false; }
            if (count == 0) { leaf = certificate; }
        }

        // §4.4.2: the context echoes that of CertificateRequest, which is empty.
        alert = AlertDescription.IllegalParameter;
        return context.IsEmpty;
    }

    /// <summary>Writes the message; null sends an empty list (§4.4.2.3).</summary>
    public static ReadOnlySpan<byte> Write(TlsWriter writer, LocalCertificate? certificate)
    {
        var message = writer.BeginMessage(HandshakeType.Certificate);
        writer.WriteByte(0);
        var list = writer.BeginVector(3);
        for (var i = 0; i < (certificate?.EntryCount ?? 0); i++)
        {
            var entry = writer.BeginVector(3);
            certificate!.WriteEntry(i, writer);
            writer.EndVector(entry, 3);
            writer.WriteUInt16(0);
        }

        writer.EndVector(list, 3);
        return writer.EndMessage(message);
    }
}
