namespace Coco.Benchmarks.Control;

/// <summary>Requests per second by HTTP, and how long they take.</summary>
internal sealed class RestFigures(Report report, TimeSpan time, int concurrency)
{
    private const int People = 1000; // each has room for 100 apps
    private const int MostInstances = 3;

    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(2); // until the program's code is compiled

    private int _warmed; // how often it was done before it was measured

    /// <summary>One instance on a database, beside transactions on it without a control plane.</summary>
    /// <param name="name">The database's.</param>
    /// <param name="postgres">Its connection string; null for SQLite.</param>
    public async Task AddAsync(string name, string? postgres)
    {
        report.Progress.WriteLine($"requests on {name}, {concurrency} at once");
        await using var plane = await Plane.CreateAsync(postgres);
        var people = await plane.AddPeopleAsync(People);
        await plane.StartInstanceAsync();
        var requests = new Requests(plane.Clients, people);
        var reads = await MeasureAsync(requests.ReadAsync);
        var before = await RolledBackAsync(plane, postgres);
        var writes = await MeasureAsync(requests.WriteAsync);
        var repeated = await RolledBackAsync(plane, postgres) - before;
        await using var bare = new BareWrites(plane.Location, await plane.AddPeopleAsync(People));
        var peer = await MeasureAsync(bare.WriteAsync);
        report.Add($"reads_per_second_{name}", reads.PerSecond);
        report.Add($"read_p50_ms_{name}", reads.P50);
        report.Add($"read_p99_ms_{name}", reads.P99);
        report.Add($"writes_per_second_{name}", writes.PerSecond, "transactions alone", peer.PerSecond, writes.PerSecond / peer.PerSecond);
        report.Add($"write_p50_ms_{name}", writes.P50, "transactions alone", peer.P50, writes.P50 / peer.P50);
        report.Add($"write_p99_ms_{name}", writes.P99, "transactions alone", peer.P99, writes.P99 / peer.P99);
        report.Add($"writes_refused_percent_{name}", writes.RefusedPercent);
        if (postgres is not null) { report.Add($"writes_met_percent_{name}", 100.0 * repeated / (_warmed + writes.Count)); }
    }

    // Transactions that met others and were done again, those of the warm-up too.
    private static async Task<long> RolledBackAsync(Plane plane, string? postgres)
    {
        if (postgres is null) { return 0; }
        await Task.Delay(TimeSpan.FromSeconds(2)); // the server counts what its sessions did when they have been idle for a while
        await using var database = await plane.OpenAsync();
        return await database.ReadAsync(static session => session.NumberAsync($"SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()"), CancellationToken.None) ?? 0;
    }

    /// <summary>One, two and three instances on one database.</summary>
    public async Task AddInstancesAsync(PostgreSqlServer server)
    {
        await using var plane = await Plane.CreateAsync(await server.CreateDatabaseAsync());
        Load? oneReads = null, oneWrites = null;
        for (var count = 1; count <= MostInstances; count++)
        {
            report.Progress.WriteLine($"{count} instances on one PostgreSQL, {concurrency} requests at once");
            await plane.StartInstanceAsync();
            var requests = new Requests(plane.Clients, await plane.AddPeopleAsync(People));
            var reads = await MeasureAsync(requests.ReadAsync);
            var writes = await MeasureAsync(requests.WriteAsync);
            (oneReads, oneWrites) = (oneReads ?? reads, oneWrites ?? writes);
            report.Add($"reads_per_second_{count}_instances", reads.PerSecond, "1 instance", oneReads.PerSecond, reads.PerSecond / oneReads.PerSecond);
            report.Add($"writes_per_second_{count}_instances", writes.PerSecond, "1 instance", oneWrites.PerSecond, writes.PerSecond / oneWrites.PerSecond);
            report.Add($"writes_refused_percent_{count}_instances", writes.RefusedPercent);
        }
    }

    private async Task<Load> MeasureAsync(Func<int, CancellationToken, Task<bool>> once)
    {
        _warmed = (await Load.RunAsync(concurrency, Warm, once)).Count;
        return await Load.RunAsync(concurrency, time, (number, cancellationToken) => once(number + (1 << 24), cancellationToken)); // not those of the warm-up again
    }
}
