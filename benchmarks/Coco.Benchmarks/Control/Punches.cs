using System.Collections.Concurrent;
using System.Net;
using Coco.Benchmarks.Relays;
using Coco.Crypto;
using Coco.Transport;
using Coco.Traversal.Relays;

namespace Coco.Benchmarks.Control;

/// <summary>Calls that the control plane brings to a direct path: who is called is known by name alone. Callers, called nodes and instances are on loopback, where nothing is in the way
/// but the time it takes to agree; so some get there by the addresses that they were told before the relay has a part in it, which is said.</summary>
internal sealed class Punches(Report report, TimeSpan time, int concurrency)
{
    private const int MostInstances = 3;

    // Relays let a caller begin some ten sessions a second: with a few pairs alone this bound would be measured, not what it takes to agree.
    private const int PairsForOneCall = 8;

    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(2);

    /// <summary>One instance on a database.</summary>
    public async Task AddAsync(string name, string? postgres)
    {
        report.Progress.WriteLine($"punches coordinated by an instance on {name}, {concurrency} at once");
        await using var plane = await Plane.CreateAsync(postgres);
        await MeasureAsync(plane, 1, name, null);
    }

    /// <summary>One, two and three instances on one database; of a pair, each is at another where there are several.</summary>
    public async Task AddInstancesAsync(PostgreSqlServer server)
    {
        double? one = null;
        for (var count = 1; count <= MostInstances; count++)
        {
            report.Progress.WriteLine($"punches coordinated by {count} instances on one PostgreSQL, {concurrency} at once");
            await using var plane = await Plane.CreateAsync(await server.CreateDatabaseAsync());
            var perSecond = await MeasureAsync(plane, count, $"{count}_instances", one);
            one ??= perSecond;
        }
    }

    private async Task<double> MeasureAsync(Plane plane, int instances, string name, double? one)
    {
        var pairs = PairsForOneCall * concurrency;
        var (callers, called) = (IdleClients.Keys(pairs), IdleClients.Keys(pairs));
        await plane.AdmitAsync([.. callers, .. called]);
        var relays = new List<(PlaneProcess Instance, RelayInfo Relay)>();
        for (var i = 0; i < instances; i++) { relays.Add(await plane.StartRelayAsync()); }
        var ends = new List<Endpoint>();
        try
        {
            for (var i = 0; i < pairs; i++)
            {
                ends.Add(await StartAsync(callers[i], relays[i % instances].Relay));
                ends.Add(await StartAsync(called[i], relays[(i + 1) % instances].Relay));
                _ = AcceptAsync(ends[^1]);
            }
            if (instances > 1) { await UntilKnownAsync(plane, ends.Count); }
            var relayed = 0;
            var free = new ConcurrentQueue<int>(Enumerable.Range(0, pairs));
            await Load.RunAsync(concurrency, Warm, CallAsync);
            relayed = 0;
            var before = relays.Select(static relay => relay.Instance.ProcessorTime).ToArray();
            var load = await Load.RunAsync(concurrency, time, CallAsync);
            var seconds = relays.Zip(before, static (relay, start) => (relay.Instance.ProcessorTime - start).TotalSeconds).Sum();
            if (one is { } alone) { report.Add($"punches_per_second_{name}", load.PerSecond, "1 instance", alone, load.PerSecond / alone); }
            else { report.Add($"punches_per_second_{name}", load.PerSecond); }
            report.Add($"punch_p50_ms_{name}", load.P50);
            report.Add($"punch_p99_ms_{name}", load.P99);
            report.Add($"instance_cpu_ms_per_punch_{name}", 1000 * seconds / load.Count);
            report.Add($"punches_begun_at_relay_percent_{name}", 100.0 * relayed / load.Count);
            return load.PerSecond;

            async Task<bool> CallAsync(int number, CancellationToken cancellationToken)
            {
                if (!free.TryDequeue(out var pair)) { throw new InvalidOperationException("more calls at once than pairs"); }
                await using (var call = await ends[2 * pair].ConnectAsync(called[pair].Id, cancellationToken: cancellationToken))
                {
                    await call.WaitForPathAsync(static path => !path.IsRelayed, cancellationToken);
                    if (call.Paths.Any(static path => path.IsRelayed)) { Interlocked.Increment(ref relayed); }
                }
                free.Enqueue(pair);
                return true;
            }
        }
        finally
        {
            foreach (var end in ends) { await end.DisposeAsync(); }
        }
    }

    private static async Task<Endpoint> StartAsync(IdentityKey key, RelayInfo relay)
    {
        var endpoint = await Endpoint.StartAsync(new() { Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)], Relays = [relay] });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (endpoint.Record is not { Relays.Count: 1 }) { await Task.Delay(5, patience.Token); }
        return endpoint;
    }

    // What nodes say of themselves is written in bundles.
    private static async Task UntilKnownAsync(Plane plane, int nodes)
    {
        await using var database = await plane.OpenAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await database.ReadAsync(session => session.NumberAsync($"SELECT COUNT(*) FROM relay_records"), patience.Token) < nodes) { await Task.Delay(20, patience.Token); }
    }

    // A connection that its caller closes is over here, too.
    private static async Task AcceptAsync(Endpoint endpoint)
    {
        await foreach (var connection in endpoint.AcceptAllAsync()) { _ = connection.Closed; }
    }
}
