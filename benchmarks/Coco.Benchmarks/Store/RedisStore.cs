using System.Diagnostics;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Store;

/// <summary>Redis with a replica, both of which sync their disks for each write (appendfsync always); a write counts when the replica has it (WAIT 1).</summary>
internal sealed class RedisStore : IStorePeer
{
    private const string Port = "6390";

    public string Name => "redis";

    public string? ReasonMissing => PeerPrograms.ReasonWithout("redis-server");

    public StoreFigures Run(VethPair lab, StoreLoad load)
    {
        var folder = Directory.CreateTempSubdirectory("coco-bench").FullName;
        try
        {
            using var primary = Start(lab.Left, $"{lab.LeftAddress}", folder, "left", []);
            using var writer = Ends.StartSelf(lab.Left, ["store-redis", $"{lab.LeftAddress}", Port]);
            using var reader = Ends.StartSelf(lab.Right, ["store-redis", $"{lab.RightAddress}", Port]);
            string[] following = ["--replicaof", $"{lab.LeftAddress}", Port];
            double entries;
            int before;
            using (Start(lab.Right, $"{lab.RightAddress}", folder, "right", following))
            {
                entries = load.EntriesOf(writer);
                before = (int)ThroughputResult.Figure(StoreLoad.Ask(writer, "count 0"), "entries");
                StoreLoad.Ask(reader, $"count {before}");
            }
            using var secondReader = Ends.StartSelf(lab.Right, ["store-redis", $"{lab.RightAddress}", Port]);
            secondReader.WaitForLine("ready", Ends.Patience);
            StoreLoad.Ask(writer, $"fill {load.Missed}");
            var start = Stopwatch.GetTimestamp();
            using var replica = Start(lab.Right, $"{lab.RightAddress}", folder, "right", following);
            replica.WaitForLine("Ready to accept connections", Ends.Patience);
            var ready = Stopwatch.GetTimestamp();
            StoreLoad.Ask(secondReader, $"count {before + load.Missed}");
            return new(entries, Stopwatch.GetElapsedTime(start).TotalSeconds, Stopwatch.GetElapsedTime(ready).TotalSeconds, null);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static LabProcess Start(NetNamespace space, string address, string folder, string name, string[] more)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        return space.Start(PeerPrograms.Get("redis-server"),
        [
            "--port", Port, "--bind", address, "--protected-mode", "no", "--dir", data, "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--repl-backlog-size", "64mb",
            "--repl-diskless-sync-delay", "0", .. more,
        ]);
    }
}
