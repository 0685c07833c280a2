using System.Security.Cryptography;
using Coco.Quic.Packets;

namespace Coco.Quic.Tls;

/// <summary>
/// Exports keying material bound to one connection (RFC 8446 §7.5). All that need be kept of a complete handshake.
/// </summary>
internal sealed class TlsExporter(ReadOnlySpan<byte> exporterMasterSecret) : IDisposable
{
    private readonly byte[] _secret = exporterMasterSecret.ToArray();

    public void Export(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[TlsProfile.HashLength];
        Span<byte> derived = stackalloc byte[TlsProfile.HashLength];

        // TLS-Exporter(label, context, length) =
        //     HKDF-Expand-Label(Derive-Secret(Secret, label, ""), "exporter", Hash(context), length)
        SHA256.HashData([], hash);
        HkdfLabel.ExpandLabel(_secret, label, hash, derived);
        SHA256.HashData(context, hash);
        HkdfLabel.ExpandLabel(derived, "exporter"u8, hash, destination);
        CryptographicOperations.ZeroMemory(derived);
    }

    public TlsExporter Copy() => new(_secret);

    public void Dispose() => CryptographicOperations.ZeroMemory(_secret);
}
