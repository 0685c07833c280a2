using Coco.Benchmarks.Latency;
using Coco.Lab;

namespace Coco.Benchmarks.Transport;

/// <summary>A stream through the public API.</summary>
internal sealed class EndpointEchoPeer(bool inline) : IEchoPeer
{
    private readonly EndpointPeer _peer = new(inline);

    public string Name => _peer.Name;

    public EchoTimes Measure(VethPair lab, int count) => _peer.Echo(lab, count);
}
