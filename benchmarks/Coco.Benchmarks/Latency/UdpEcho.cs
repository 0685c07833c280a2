using System.Globalization;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Latency;

/// <summary>Right's end of <see cref="UdpEchoEnds"/>, on an address of its own or inside a tunnel.</summary>
internal sealed class UdpEcho : IDisposable
{
    private readonly string[] _to;
    private readonly LabProcess _receiver;

    public UdpEcho(VethPair lab, string address, string kind)
    {
        _to = [address, $"{Ends.Port + 2}", kind];
        _receiver = Ends.StartSelf(lab.Right, 1, ["udp-echo-rx", .. _to]);
        _receiver.WaitForLine("listening", Ends.Patience);
    }

    public EchoTimes Measure(VethPair lab, int count)
    {
        using var sender = Ends.StartSelf(lab.Left, 0, ["udp-echo-tx", .. _to, count.ToString(CultureInfo.InvariantCulture)]);
        return EchoTimes.Parse(sender.WaitForLine("echoed ", Ends.Patience));
    }

    public void Dispose() => _receiver.Dispose();
}
