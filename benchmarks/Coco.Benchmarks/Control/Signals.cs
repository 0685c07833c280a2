using System.Diagnostics;
using System.Globalization;
using Coco.Benchmarks.Relays;
using Coco.ControlPlane.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Benchmarks.Control;

/// <summary>What two instances tell each other by PostgreSQL, and what they find in its tables, in a second: beside what 20,000 nodes need. Two databases of this process stand for the two.</summary>
internal sealed class Signals(Report report, TimeSpan time, int concurrency)
{
    private const int Nodes = 20_000;

    // Assumed: an instance died, and all nodes come back within the shortest keep-alive, each with a new record.
    private const double RecordsNeeded = Nodes / 25.0;

    // Assumed: each node calls one of another instance once a minute.
    private const double LookupsNeeded = Nodes / 60.0;

    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(1);

    public async Task AddAsync(PostgreSqlServer server)
    {
        report.Progress.WriteLine($"signals between two instances on PostgreSQL, {concurrency} at once");
        var location = "postgres:" + await server.CreateDatabaseAsync();
        await using var one = await Database.OpenAsync(location, NullLogger.Instance, DatabaseUse.Instance, CancellationToken.None);
        await using var other = await Database.OpenAsync(location, NullLogger.Instance, DatabaseUse.Instance, CancellationToken.None);

        // A notice for each transaction, as a node that is admitted makes; and many in one, which is what bundling would make of them.
        foreach (var (notices, name) in ((int, string)[])[(1, "single"), (50, "bundled")])
        {
            var perSecond = await NotifyAsync(one, other, notices);
            report.Add($"notices_per_second_{name}", perSecond, "records of 20,000", RecordsNeeded, perSecond / RecordsNeeded);
        }

        // What is done instead: a row by its key.
        var names = IdleClients.Keys(1000).Select(static key => key.Id.ToString()).ToArray();
        await one.WriteAsync(
            async session =>
            {
                foreach (var name in names) { await session.ExecuteAsync($"INSERT INTO relay_records (node, sequence, record, at) VALUES ({name}, {"1"}, {new byte[300]}, {0L})"); }
            },
            CancellationToken.None);
        await Load.RunAsync(concurrency, Warm, LookUpAsync);
        var lookups = await Load.RunAsync(concurrency, time, LookUpAsync);
        report.Add("record_lookups_per_second", lookups.PerSecond, "calls of 20,000", LookupsNeeded, lookups.PerSecond / LookupsNeeded);
        report.Add("record_lookup_p50_ms", lookups.P50);
        report.Add("record_lookup_p99_ms", lookups.P99);

        async Task<bool> LookUpAsync(int number, CancellationToken cancellationToken)
        {
            var name = names[number % names.Length];
            return await other.ReadAsync(session => session.FirstAsync($"SELECT record FROM relay_records WHERE node = {name}", static row => row.Bytes("record")), cancellationToken) is not null
                ? true
                : throw new InvalidOperationException("a record that is not there");
        }
    }

    // Counted when they are heard: a notice that is late is none.
    private async Task<double> NotifyAsync(Database from, Database to, int notices)
    {
        var (sent, heard) = (0, 0);
        using var listening = to.Listen("bench", text => { if (text != Database.Resynchronise) { Interlocked.Increment(ref heard); } });
        await Load.RunAsync(concurrency, Warm, TellAsync);
        await UntilAsync();
        var (before, start) = (sent, Stopwatch.GetTimestamp());
        await Load.RunAsync(concurrency, time, TellAsync);
        await UntilAsync();
        return (sent - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;

        async Task<bool> TellAsync(int number, CancellationToken cancellationToken)
        {
            await from.WriteAsync(
                session =>
                {
                    // As long as what tells of a node: a sign, its name, the network's.
                    for (var i = 0; i < notices; i++) { session.Notify("bench", string.Create(CultureInfo.InvariantCulture, $"+ {number:d52} {i:d52}")); }
                    return Task.CompletedTask;
                },
                cancellationToken);
            Interlocked.Add(ref sent, notices);
            return true;
        }

        async Task UntilAsync()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (Volatile.Read(ref heard) < sent) { await Task.Delay(1, patience.Token); }
        }
    }
}
