using System.Globalization;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Tunnels;

/// <summary><c>ssh -L</c> with what client and server agree on by default. The server sees accounts of its own, in a mount namespace, so that the machine needs none.</summary>
internal sealed class SshTunnel : ITunnelPeer
{
    private const string ServerPort = "2222", LocalPort = "18022";

    public string Name => "ssh-L";

    public string? ReasonMissing => PeerPrograms.ReasonWithout("ssh", "sshd", "ssh-keygen", "unshare");

    public IOpenTunnel Open(VethPair lab, int serverPort)
    {
        var folder = Directory.CreateTempSubdirectory("coco-bench").FullName;
        LabProcess? server = null, client = null;
        try
        {
            foreach (var key in (string[])["host", "user"]) { lab.Right.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", $"{folder}/{key}"); }
            File.WriteAllText($"{folder}/sshd_config", $"""
                Port {ServerPort}
                HostKey {folder}/host
                AuthorizedKeysFile {folder}/user.pub
                PidFile none
                StrictModes no
                PermitRootLogin prohibit-password
                UsePAM no
                """);
            File.WriteAllText($"{folder}/passwd", "root:x:0:0::/root:/bin/sh\nsshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n");
            File.WriteAllText($"{folder}/shadow", "root:*:1::::::\nsshd:*:1::::::\n");
            server = lab.Right.Start("unshare", "--mount", "sh", "-c",
                $"mount --bind {folder}/passwd /etc/passwd && mount --bind {folder}/shadow /etc/shadow && mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec {PeerPrograms.Get("sshd")} -D -e -f {folder}/sshd_config");
            server.WaitForLine("Server listening", Ends.Patience);
            client = lab.Left.Start("ssh", "-N", "-v", "-F", "none", "-i", $"{folder}/user", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o", $"UserKnownHostsFile={folder}/known",
                "-o", "ExitOnForwardFailure=yes", "-p", ServerPort, "-L", $"127.0.0.1:{LocalPort}:127.0.0.1:{serverPort}", $"root@{lab.RightAddress}");
            client.WaitForLine("Entering interactive session", Ends.Patience);
            return new Way(client, server, folder);
        }
        catch
        {
            client?.Dispose();
            server?.Dispose();
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private sealed class Way(LabProcess client, LabProcess server, string folder) : IOpenTunnel
    {
        public string Host => "127.0.0.1";

        public int Port => int.Parse(LocalPort, CultureInfo.InvariantCulture);

        // sshd has a process for each connection.
        public (double Left, double Right) CpuSeconds => (ProcessorSeconds.OfTree(client.Id), ProcessorSeconds.OfTree(server.Id));

        public void Dispose()
        {
            client.Dispose();
            server.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }
}
