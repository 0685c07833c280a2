using System.Diagnostics;
using Coco.Benchmarks.Relays;

namespace Coco.Benchmarks.Control;

/// <summary>What does an idle node cost the instance that holds it? Members of one network, each registered at the instance's relay, over loopback.</summary>
internal sealed class HeldNodes(Report report, int clients)
{
    private const int Warm = 500;

    /// <summary>The mark: resident bytes of an idle node.</summary>
    private const double Mark = 12_000;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(6); // what a connection begins with is over, and usage has been written once

    /// <summary>Measures, and says it beside the mark.</summary>
    /// <returns>Whether it is met.</returns>
    public async Task<bool> AddAsync(string name, string? postgres)
    {
        report.Progress.WriteLine($"an instance on {name} holds {clients} idle nodes");
        await using var plane = await Plane.CreateAsync(postgres);
        var (first, others) = (IdleClients.Keys(Warm), IdleClients.Keys(clients));
        await plane.AdmitAsync([.. first, .. others]);
        var (instance, relay) = await plane.StartRelayAsync();

        await using var idle = new IdleClients(relay);
        await idle.AddAsync(first);
        await Task.Delay(Settling);
        var before = instance.Resident;
        var start = Stopwatch.GetTimestamp();
        await idle.AddAsync(others);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await Task.Delay(Settling);
        var all = instance.Resident;
        var bytes = (double)(all - before) / clients;
        // Figures of nodes that went again would be too good.
        var registered = idle.Registered;
        if (registered != Warm + clients) { throw new InvalidOperationException($"Of {Warm + clients} nodes {registered} are registered at the end."); }
        report.Add($"held_nodes_{name}", registered);
        report.Add($"resident_bytes_per_held_node_{name}", bytes, "mark", Mark, bytes / Mark);
        report.Add($"resident_mb_{name}", all / 1e6);
        report.Add($"registrations_per_second_{name}", clients / seconds);
        report.Progress.WriteLine($"{bytes / 1000:N1} kB for each of {clients:N0} idle nodes on {name}: the mark of {Mark / 1000:N0} kB is {(bytes <= Mark ? "met" : "missed")}");
        return bytes <= Mark;
    }
}
