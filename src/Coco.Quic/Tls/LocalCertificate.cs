namespace Coco.Quic.Tls;

/// <summary>What we present in Certificate, and the key behind it.</summary>
internal abstract class LocalCertificate
{
    /// <summary>Room for any signature we make: ECDSA P-256 in DER is the longest.</summary>
    public const int MaxSignatureLength = 80;

    /// <summary>The one scheme its key signs with.</summary>
    public abstract SignatureScheme Scheme { get; }

    /// <summary>The cert_data of each CertificateEntry, the end entity first.</summary>
    public abstract int EntryCount { get; }

    public abstract void WriteEntry(int index, TlsWriter writer);

    public abstract int Sign(ReadOnlySpan<byte> content, Span<byte> signature);
}
