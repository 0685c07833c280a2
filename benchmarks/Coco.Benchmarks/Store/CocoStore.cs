using System.Diagnostics;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Store;

/// <summary>Two nodes of one user, each with a store on disk.</summary>
internal sealed class CocoStore : IStorePeer
{
    public string Name => "coco";

    public string? ReasonMissing => null;

    public StoreFigures Run(VethPair lab, StoreLoad load)
    {
        var folder = Directory.CreateTempSubdirectory("coco-bench").FullName;
        try
        {
            using var left = Ends.StartSelf(lab.Left, ["store-found", $"{lab.LeftAddress}", folder]);
            var ticket = left.WaitForLine("ticket ", Ends.Patience)["ticket ".Length..];
            left.WaitForLine("ready", Ends.Patience);
            double entries, pinned;
            int before;
            using (var right = Ends.StartSelf(lab.Right, ["store-join", $"{lab.RightAddress}", folder, ticket]))
            {
                right.WaitForLine("ready", Ends.Patience);
                entries = load.EntriesOf(left);
                var added = StoreLoad.Ask(left, $"add {load.File}");
                pinned = ThroughputResult.Figure(StoreLoad.Ask(right, $"pin {added.Split("blob=")[1].Split(' ')[0]}"), "pinned");
                before = (int)ThroughputResult.Figure(StoreLoad.Ask(left, "count 0"), "entries");
                StoreLoad.Ask(right, $"count {before}");
                right.Input.Close();
                right.WaitForExit(Ends.Patience);
            }
            StoreLoad.Ask(left, $"fill {load.Missed}");
            var start = Stopwatch.GetTimestamp();
            using var again = Ends.StartSelf(lab.Right, ["store-join", $"{lab.RightAddress}", folder]);
            again.WaitForLine("ready", Ends.Patience);
            var ready = Stopwatch.GetTimestamp();
            StoreLoad.Ask(again, $"count {before + load.Missed}");
            return new(entries, Stopwatch.GetElapsedTime(start).TotalSeconds, Stopwatch.GetElapsedTime(ready).TotalSeconds, load.Megabytes / pinned);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
