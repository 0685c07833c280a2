using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Coco.Benchmarks.Relays;
using Coco.Crypto;
using Coco.Crypto.KeyFiles;
using Coco.Transport.Udp;
using Coco.Traversal.Relays;

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
        await AdmitAsync(plane, [.. first, .. others]);
        using var relayKey = IdentityKey.Generate();
        var keyFile = Path.Combine(plane.Folder, "relay.key");
        KeyFile.WriteUnattended(keyFile, relayKey);
        var address = new IPEndPoint(IPAddress.Loopback, FreePort());
        var instance = await plane.StartInstanceAsync("--Relaying:Listen:0", $"{address}", "--Relaying:KeyFile", keyFile, "--Relaying:DrainTime", "00:00:00");

        await using var idle = new IdleClients(new RelayInfo(relayKey.Id, [address.ToNetworkAddress()]));
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

    // By rows alone, before there is an instance, which reads them when it starts.
    private static async Task AdmitAsync(Plane plane, IReadOnlyList<IdentityKey> keys)
    {
        await using var database = await plane.OpenAsync();
        await database.WriteAsync(
            async session =>
            {
                foreach (var key in keys) { await session.ExecuteAsync($"INSERT INTO relay_nodes (node, network) VALUES ({key.Id.ToString()}, {"one"})"); }
                return keys.Count;
            },
            CancellationToken.None);
    }

    // For UDP and TCP: the relay takes both.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
