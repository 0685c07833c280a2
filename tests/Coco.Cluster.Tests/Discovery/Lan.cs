using Coco.Cluster.Discovery;

namespace Coco.Cluster.Tests.Discovery;

/// <summary>A LAN in virtual time: what one sends, all receive at once, the sender included.</summary>
internal sealed class Lan(params LanDiscovery[] nodes)
{
    public TimeSpan Now { get; private set; }

    public List<(int Node, byte[] Payload)> Seen { get; } = [];

    public HashSet<int> Silent { get; } = [];

    public void Run(TimeSpan until)
    {
        while (true)
        {
            Deliver();
            var next = nodes.Where((_, index) => !Silent.Contains(index)).Min(node => node.Deadline);
            if (next > until) { break; }
            Now = next > Now ? next : Now;
            for (var i = 0; i < nodes.Length; i++)
            {
                if (!Silent.Contains(i)) { nodes[i].HandleTimeout(Now); }
            }
        }
        Now = until;
        Deliver();
    }

    private void Deliver()
    {
        for (var from = 0; from < nodes.Length; from++)
        {
            while (nodes[from].TryTakeDatagram(out var datagram))
            {
                Seen.Add((from, datagram.Payload.ToArray()));
                foreach (var to in nodes) { to.HandleDatagram(2, LanSamples.Address($"192.0.2.{from + 1}:5353"), datagram.Payload.Span, Now); }
            }
        }
    }
}
