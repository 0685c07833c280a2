using Coco.Benchmarks.Overlays;
using Coco.Lab;

namespace Coco.Benchmarks.Tunnels;

/// <summary>The server's address inside an overlay. Counted is the processor time of the overlay's programs, not the kernel's for the TCP inside.</summary>
internal sealed class OverlayHttpTunnel(Overlay overlay) : ITunnelPeer
{
    public string Name => overlay.Name;

    public string? ReasonMissing => overlay.ReasonMissing;

    public IOpenTunnel Open(VethPair lab, int serverPort) => new Way(overlay.Open(lab), serverPort);

    private sealed class Way(OverlayTunnel tunnel, int port) : IOpenTunnel
    {
        public string Host => tunnel.Address;

        public int Port => port;

        public (double Left, double Right) CpuSeconds => tunnel.CpuSeconds;

        public void Dispose() => tunnel.Dispose();
    }
}
