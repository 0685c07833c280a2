using System.Globalization;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Tunnels;

/// <summary><c>ssh -L</c> with what client and server agree on by default.</summary>
internal sealed class SshTunnel : ITunnelPeer
{
    private const string LocalPort = "18022";

    public string Name => "ssh-L";

    public string? ReasonMissing => SshServer.ReasonMissing;

    public IOpenTunnel Open(VethPair lab, int serverPort)
    {
        var server = new SshServer(lab);
        LabProcess? client = null;
        try
        {
            client = lab.Left.Start("ssh", ["-N", "-v", .. server.ClientOptions, "-o", "ExitOnForwardFailure=yes", "-L", $"127.0.0.1:{LocalPort}:127.0.0.1:{serverPort}", $"root@{lab.RightAddress}"]);
            client.WaitForLine("Entering interactive session", Ends.Patience);
            return new Way(client, server);
        }
        catch
        {
            client?.Dispose();
            server.Dispose();
            throw;
        }
    }

    private sealed class Way(LabProcess client, SshServer server) : IOpenTunnel
    {
        public string Host => "127.0.0.1";

        public int Port => int.Parse(LocalPort, CultureInfo.InvariantCulture);

        // sshd has a process for each connection.
        public (double Left, double Right) CpuSeconds => (ProcessorSeconds.OfTree(client.Id), ProcessorSeconds.OfTree(server.Process!.Id));

        public void Dispose()
        {
            client.Dispose();
            server.Dispose();
        }
    }
}
