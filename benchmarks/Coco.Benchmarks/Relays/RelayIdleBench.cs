using System.Diagnostics;
using System.Globalization;
using System.Net;
using Coco.Benchmarks.Transport;
using Coco.Crypto;
using Coco.Transport;
using Coco.Transport.Udp;
using Coco.Traversal.Relays;

namespace Coco.Benchmarks.Relays;

/// <summary>What does a client cost a relay that knows networks and meters them, when it is registered and says nothing? Over loopback, the relay in a
/// process of its own.</summary>
internal static class RelayIdleBench
{
    private const int Warm = 500;

    /// <summary>Options: --json, --clients N (default 5000).</summary>
    public static int Run(string[] args) => RunAsync(args).GetAwaiter().GetResult();

    /// <summary>relay-idle-rx: a relay; a line with a number waits for so many clients and says what memory there is.</summary>
    public static int Serve(string[] args)
    {
        _ = args;
        using var key = IdentityKey.Generate();
        var endpoint = Endpoint.StartAsync(new()
        {
            Identities = [key],
            ListenAddresses = [new(IPAddress.Loopback, 0)],
            RelayServer = new() { Terms = new OneNetwork(new()), MetersUsage = true },
        }).GetAwaiter().GetResult();
        Console.WriteLine($"{endpoint.Id} {endpoint.LocalEndPoints[0]}");
        while (Console.In.ReadLine() is { } line)
        {
            var count = int.Parse(line, CultureInfo.InvariantCulture);
            while (endpoint.GetRelayStatisticsAsync().GetAwaiter().GetResult() is not { } now || now.Homes + now.Secondaries < count) { Thread.Sleep(50); }
            Thread.Sleep(TimeSpan.FromSeconds(5)); // until what a connection begins with is over
            endpoint.TakeRelayUsageAsync().GetAwaiter().GetResult();
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"heap={GC.GetTotalMemory(false)} rss={Environment.WorkingSet}"));
        }
        endpoint.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return 0;
    }

    private static async Task<int> RunAsync(string[] args)
    {
        var report = new Report("relay-idle", BenchArguments.Has(args, "--json"));
        var clients = BenchArguments.Number(args, "--clients", 5_000);
        using var relay = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(RelayIdleBench).Assembly.Location, "relay-idle-rx"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        })!;
        try
        {
            var words = (await relay.StandardOutput.ReadLineAsync() ?? "").Split(' ');
            var info = new RelayInfo(NodeId.Parse(words[0]), [IPEndPoint.Parse(words[1]).ToNetworkAddress()]);
            await using var idle = new IdleClients(info);
            await idle.AddAsync(IdleClients.Keys(Warm));
            var before = await MemoryAsync(relay, Warm);
            report.Progress.WriteLine($"{clients} clients register");
            var keys = IdleClients.Keys(clients);
            var start = Stopwatch.GetTimestamp();
            await idle.AddAsync(keys);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var bytes = IdleBytes.Between(before, await MemoryAsync(relay, Warm + clients), clients);
            report.Add("bytes_per_idle_client", bytes.Resident);
            report.Add("managed_bytes_per_idle_client", bytes.Managed);
            report.Add("registrations_per_second", clients / seconds);
            return 0;
        }
        finally
        {
            relay.Kill();
            await relay.WaitForExitAsync();
        }
    }

    private static async Task<string> MemoryAsync(Process relay, int clients)
    {
        await relay.StandardInput.WriteLineAsync(clients.ToString(CultureInfo.InvariantCulture));
        await relay.StandardInput.FlushAsync();
        return await relay.StandardOutput.ReadLineAsync() ?? "";
    }
}
