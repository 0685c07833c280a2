using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Tunnels;

/// <summary>Two nodes of a private network: right publishes the server, left opens it at a local port.</summary>
internal sealed class CocoTunnel : ITunnelPeer
{
    public string Name => "coco";

    public IOpenTunnel Open(VethPair lab, int serverPort)
    {
        var right = Ends.StartSelf(lab.Right, ["tunnel-publish", $"{lab.RightAddress}", $"{serverPort}"]);
        LabProcess? left = null;
        try
        {
            var ticket = right.WaitForLine("ticket ", Ends.Patience)["ticket ".Length..];
            left = Ends.StartSelf(lab.Left, ["tunnel-open", $"{lab.LeftAddress}", ticket]);
            return new Way(left, right, (int)ThroughputResult.Figure(left.WaitForLine("open ", Ends.Patience), "port"));
        }
        catch
        {
            left?.Dispose();
            right.Dispose();
            throw;
        }
    }

    private sealed class Way(LabProcess left, LabProcess right, int port) : IOpenTunnel
    {
        public string Host => "127.0.0.1";

        public int Port => port;

        public (double Left, double Right) CpuSeconds => (left.ProcessorTime.TotalSeconds, right.ProcessorTime.TotalSeconds);

        public void Dispose()
        {
            left.Dispose();
            right.Dispose();
        }
    }
}
