using Coco.Benchmarks.Transport;
using Coco.Lab;

namespace Coco.Benchmarks;

/// <summary>What does a peer cost that is connected and says nothing? Datagrams an hour, and memory of each of 1,000.</summary>
internal static class IdleBench
{
    private const int Connections = 1000;

    /// <summary>Options: --json, --seconds N (default 240) that packets are counted for, three keep-alives long.</summary>
    public static int Run(string[] args)
    {
        if (LabSupport.ReasonWithout("ip", "ethtool", "nsenter", "taskset") is { } reason)
        {
            Console.Error.WriteLine($"cannot run: {reason}");
            return 1;
        }
        var report = new Report("idle", BenchArguments.Has(args, "--json"));
        var seconds = BenchArguments.Number(args, "--seconds", 240);
        using var lab = new VethPair();

        var (client, server) = EndpointPeer.IdleMemory(lab, Connections);
        report.Add("bytes_per_idle_connection", Math.Max(client.Resident, server.Resident));
        report.Add("bytes_per_idle_connection_client", client.Resident);
        report.Add("bytes_per_idle_connection_server", server.Resident);
        report.Add("managed_bytes_per_idle_connection", Math.Max(client.Managed, server.Managed));

        report.Progress.WriteLine($"counting datagrams of one idle connection for {seconds} s, and scaling them to an hour");
        var datagrams = EndpointPeer.IdleDatagrams(lab, TimeSpan.FromSeconds(seconds));
        report.Add("datagrams_per_hour_both_ways", datagrams * 3600.0 / seconds);
        return 0;
    }
}
