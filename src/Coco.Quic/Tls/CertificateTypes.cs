namespace Coco.Quic.Tls;

/// <summary>
/// The client_certificate_type and server_certificate_type extensions (RFC 7250 §3).
/// <code>
/// ClientHello:           CertificateType certificate_types&lt;1..2^8-1&gt;
/// EncryptedExtensions:   CertificateType certificate_type
/// </code>
/// </summary>
internal static class CertificateTypes
{
    /// <summary>Reads a client's list and says whether raw public keys are in it.</summary>
    public static bool TryReadOffer(ReadOnlySpan<byte> data, out bool offersRawKeys)
    {
        var reader = new TlsReader(data);
        var parsed = reader.TryReadVector8(1, out var types) && reader.IsEmpty;
        offersRawKeys = types.Contains((byte)CertificateType.RawPublicKey);
        return parsed;
    }

    public static void WriteOffer(TlsWriter writer, ExtensionType side)
    {
        var extension = writer.BeginExtension(side);
        writer.WriteByte(1);
        writer.WriteByte((byte)CertificateType.RawPublicKey);
        writer.EndExtension(extension);
    }

    public static void WriteChoice(TlsWriter writer, ExtensionType side)
    {
        var extension = writer.BeginExtension(side);
        writer.WriteByte((byte)CertificateType.RawPublicKey);
        writer.EndExtension(extension);
    }
}
