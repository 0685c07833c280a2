using Coco.Lab;

namespace Coco.Benchmarks.Latency;

/// <summary>UDP itself, or with one seal and one opening at each end: what our round trips are measured by.</summary>
internal sealed class UdpEchoPeer(string kind) : IEchoPeer
{
    public string Name => $"udp-{kind}";

    public EchoTimes Measure(VethPair lab, int count)
    {
        using var echo = new UdpEcho(lab, $"{lab.RightAddress}", kind);
        return echo.Measure(lab, count);
    }
}
