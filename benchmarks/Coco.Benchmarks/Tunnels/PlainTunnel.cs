using Coco.Lab;

namespace Coco.Benchmarks.Tunnels;

/// <summary>No tunnel at all, for reference: what client, server and kernel cost by themselves.</summary>
internal sealed class PlainTunnel : ITunnelPeer
{
    public string Name => "plain-tcp";

    public IOpenTunnel Open(VethPair lab, int serverPort) => new Way($"{lab.RightAddress}", serverPort);

    private sealed record Way(string Host, int Port) : IOpenTunnel
    {
        public (double Left, double Right) CpuSeconds => default;

        public void Dispose()
        {
        }
    }
}
