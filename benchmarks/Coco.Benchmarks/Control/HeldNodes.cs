using System.Diagnostics;
using Coco.Benchmarks.Relays;

namespace Coco.Benchmarks.Control;

/// <summary>What does an idle node cost the instance that holds it? Members of one network, each registered at the instance's relay, over loopback.</summary>
internal sealed class HeldNodes(Report report, int clients)
{
    private const int Warm = 500;

    /// <summary>The aim: resident bytes of an idle node.</summary>
    private const double Aim = 12 * 1024;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(6); // what a connection begins with is over, and usage has been written once

    public async Task AddAsync(string name, string? postgres)
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
        report.Add($"resident_bytes_per_held_node_{name}", bytes, "aim", Aim, bytes / Aim);
        report.Add($"resident_mb_{name}", all / 1e6);
        report.Add($"registrations_per_second_{name}", clients / seconds);
    }
}
