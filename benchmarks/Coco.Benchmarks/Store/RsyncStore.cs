using System.Diagnostics;
using Coco.Benchmarks.Throughput;
using Coco.Benchmarks.Tunnels;
using Coco.Lab;

namespace Coco.Benchmarks.Store;

/// <summary>rsync over ssh, of a whole file to a disk that is synced at the end (--fsync).</summary>
internal sealed class RsyncStore : IStorePeer
{
    public string Name => "rsync-ssh";

    public string? ReasonMissing => PeerPrograms.ReasonWithout("rsync") ?? SshServer.ReasonMissing;

    public StoreFigures Run(VethPair lab, StoreLoad load)
    {
        var folder = Directory.CreateTempSubdirectory("coco-bench").FullName;
        try
        {
            using var server = new SshServer(lab);
            var ssh = $"ssh {string.Join(' ', server.ClientOptions)}";
            var start = Stopwatch.GetTimestamp();
            using var rsync = lab.Left.Start("rsync", "--whole-file", "--fsync", "--rsync-path", PeerPrograms.Get("rsync"), "-e", ssh, load.File, $"root@{lab.RightAddress}:{folder}/file");
            var code = rsync.WaitForExit(Ends.Patience);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (code != 0) { throw new InvalidOperationException($"rsync ended with {code}: {rsync.Output}"); }
            return new(null, null, null, load.Megabytes / seconds);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
