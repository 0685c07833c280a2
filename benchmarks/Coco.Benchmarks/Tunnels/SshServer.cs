using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Tunnels;

/// <summary>An sshd at the right end, and what a client at the left one needs. The server sees accounts of its own, in a mount namespace, so that the machine needs none.</summary>
internal sealed class SshServer : IDisposable
{
    public const string Port = "2222";

    private readonly string _folder = Directory.CreateTempSubdirectory("coco-bench").FullName;

    public SshServer(VethPair lab)
    {
        try
        {
            foreach (var key in (string[])["host", "user"]) { lab.Right.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", $"{_folder}/{key}"); }
            File.WriteAllText($"{_folder}/sshd_config", $"""
                Port {Port}
                HostKey {_folder}/host
                AuthorizedKeysFile {_folder}/user.pub
                PidFile none
                StrictModes no
                PermitRootLogin prohibit-password
                UsePAM no
                """);
            File.WriteAllText($"{_folder}/passwd", "root:x:0:0::/root:/bin/sh\nsshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n");
            File.WriteAllText($"{_folder}/shadow", "root:*:1::::::\nsshd:*:1::::::\n");
            Process = lab.Right.Start("unshare", "--mount", "sh", "-c",
                $"mount --bind {_folder}/passwd /etc/passwd && mount --bind {_folder}/shadow /etc/shadow && mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec {PeerPrograms.Get("sshd")} -D -e -f {_folder}/sshd_config");
            Process.WaitForLine("Server listening", Ends.Patience);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public static string? ReasonMissing => PeerPrograms.ReasonWithout("ssh", "sshd", "ssh-keygen", "unshare");

    public LabProcess? Process { get; }

    /// <summary>Options of a client, the same for all its uses.</summary>
    public string[] ClientOptions =>
    [
        "-F", "none", "-i", $"{_folder}/user", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o", $"UserKnownHostsFile={_folder}/known", "-p", Port,
    ];

    public void Dispose()
    {
        Process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
