using Coco.Benchmarks.Latency;
using Coco.Lab;

namespace Coco.Benchmarks.Overlays;

/// <summary>Plain UDP inside an overlay.</summary>
internal sealed class OverlayEchoPeer(Overlay overlay) : IEchoPeer
{
    public string Name => overlay.Name;

    public string? ReasonMissing => overlay.ReasonMissing;

    public EchoTimes Measure(VethPair lab, int count)
    {
        using var tunnel = overlay.Open(lab);
        using var echo = new UdpEcho(lab, tunnel.Address, UdpEchoEnds.Plain);
        return echo.Measure(lab, count);
    }
}
