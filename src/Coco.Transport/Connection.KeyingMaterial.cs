using Coco.Quic.Tls;

namespace Coco.Transport;

/// <summary>Keying material that only the two ends of the connection have.</summary>
public sealed partial class Connection
{
    private const int MaxLabelLength = 249; // RFC 8446 §7.1: 255 with the prefix "tls13 "
    private const int MaxExportLength = 255 * 32; // RFC 5869 §2.3, with SHA-256

    private TlsExporter? _exporter; // under the endpoint's lock for exporters: wiped by the loop, used by any thread

    /// <summary>Derives bytes that only the two ends of this connection can know (RFC 8446 §7.5): equal on both, different for each connection,
    /// label and context. What is signed or encrypted with them in it is bound to this connection. From any thread.</summary>
    /// <param name="label">What they are for, such as <c>"EXPORTER-my-app"</c>. At most 249 bytes.</param>
    /// <param name="context">What else both ends agree on; may be empty.</param>
    /// <param name="destination">Filled with them. At most 8,160 bytes.</param>
    /// <returns>False once the connection is over.</returns>
    public bool TryExportKeyingMaterial(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(label.Length, MaxLabelLength, nameof(label));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, MaxExportLength, nameof(destination));
        lock (_loop.ExporterLock)
        {
            if (_exporter is not { } exporter) { return false; }
            exporter.Export(label, context, destination);
            return true;
        }
    }

    private void TakeExporter()
    {
        lock (_loop.ExporterLock) { _exporter = _core.Quic?.CopyExporter(); }
    }

    private void WipeExporter()
    {
        lock (_loop.ExporterLock)
        {
            _exporter?.Dispose();
            _exporter = null;
        }
    }
}
