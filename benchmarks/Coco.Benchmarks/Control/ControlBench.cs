using Coco.Benchmarks.Relays;
using Coco.Lab;

namespace Coco.Benchmarks.Control;

/// <summary>What does a control plane carry? Requests and joins by HTTP on either database, two and three instances beside one, calls that it brings to a direct path, what
/// instances tell each other, what its relay carries and which nodes it holds. The load, the instances and the database share the machine's cores.</summary>
internal static class ControlBench
{
    private const int RelayedRounds = 3;

    private const string Help =
        """
        usage: bench control [--json] [--seconds N] [--concurrency N] [--clients N] [--only rest|instances|joins|punches|signals|relay|held]
          --seconds N      how long each load lasts; default 5
          --concurrency N  requests at once; default 32
          --megabytes N    what relays carry in each of three rounds; default 200
          --clients N      idle nodes that an instance holds; default 20000 where `--only held` is all that runs, else 2000
        `bench control --only held` answers whether an idle node costs at most 12 kB of an instance that holds 20,000, and fails where it does not.
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        if (BenchArguments.Has(args, "--help"))
        {
            Console.WriteLine(Help);
            return 0;
        }
        var report = new Report("control", BenchArguments.Has(args, "--json"));
        var seconds = TimeSpan.FromSeconds(BenchArguments.Number(args, "--seconds", 5));
        var concurrency = BenchArguments.Number(args, "--concurrency", 32);
        var only = BenchArguments.Value(args, "--only");
        report.Progress.WriteLine($"load, instances and database share {Environment.ProcessorCount} cores");
        var hasServer = !report.LeaveOut("PostgreSQL", PostgreSqlServer.IsThere ? null : "its programs are not in /usr/lib/postgresql");
        await using var server = hasServer ? await PostgreSqlServer.StartAsync() : null;

        var rest = new RestFigures(report, seconds, concurrency);
        if (only is null or "rest")
        {
            await rest.AddAsync("sqlite", null);
            if (server is not null) { await rest.AddAsync("postgresql", await server.CreateDatabaseAsync()); }
        }
        if (only is null or "instances" && server is not null) { await rest.AddInstancesAsync(server); }
        if (only is null or "joins")
        {
            var joins = new Joins(report, seconds, concurrency);
            await joins.AddAsync("sqlite", null);
            if (server is not null) { await joins.AddAsync("postgresql", await server.CreateDatabaseAsync()); }
        }
        var punches = new Punches(report, seconds, concurrency);
        if (only is null or "punches")
        {
            await punches.AddAsync("sqlite", null);
            if (server is not null) { await punches.AddInstancesAsync(server); }
        }
        if (only is null or "signals" && server is not null) { await new Signals(report, seconds, concurrency).AddAsync(server); }
        if (only is null or "relay" && !report.LeaveOut("relays", LabSupport.ReasonWithout("ip", "ethtool", "nsenter", "taskset")))
        {
            RelayRounds.Run(report, RelayedRounds, BenchArguments.Number(args, "--megabytes", 200) * 1_000_000L, new CocoRelay(meters: true));
        }
        if (only is null or "held")
        {
            // With fewer, what all share weighs more than the mark allows for: that is no failure unless it was asked for.
            var held = new HeldNodes(report, BenchArguments.Number(args, "--clients", only is null ? 2000 : 20_000));
            var isMet = await held.AddAsync("sqlite", null);
            if (server is not null) { isMet &= await held.AddAsync("postgresql", await server.CreateDatabaseAsync()); }
            if (only is not null && !isMet) { return 1; }
        }
        return 0;
    }
}
