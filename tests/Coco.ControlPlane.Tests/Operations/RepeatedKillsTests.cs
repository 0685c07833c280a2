using System.Collections.Concurrent;
using System.Diagnostics;
using Coco.ControlPlane.Storage;
using Coco.Transport;
using Coco.Traversal.Relays;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>Three instances of the real program on one PostgreSQL, of which one after the other is killed and started again, while nodes send by their relays, call
/// each other, and apps are registered.</summary>
public sealed class RepeatedKillsTests(PostgreSqlServer server) : IAsyncLifetime
{
    private const int Tokens = 600; // for 30,000 apps

    private static readonly int Kills = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 30 : 6;
    private static readonly TimeSpan Move = TimeSpan.FromSeconds(2);

    // A caller asks both homes of whom it calls, and one of them may be the dead one, through a relay of its own that may be, too: moves, one after the other.
    private static readonly TimeSpan Answer = 3 * Move;

    // A flush waits for its turn, on a machine that runs many other tests.
    private static readonly TimeSpan FlushDelay = TimeSpan.FromSeconds(2);

    // From when a relay's counts are taken until the time of that is read takes some milliseconds, and whatever else the machine does.
    private static readonly TimeSpan FlushTime = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentBag<int> _acknowledged = [];
    private readonly ConcurrentBag<TimeSpan> _calls = [];
    private readonly List<(DateTimeOffset At, long Bytes)> _sent = [];
    private readonly Dictionary<string, PlaneInstance> _runs = []; // as the tables name them
    private DateTimeOffset _killed;
    private string _history = "";
    private PlaneFleet _fleet = null!;
    private Database _database = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        _fleet = await PlaneFleet.StartAsync(server, 3, TimeSpan.FromMinutes(2) + (Kills * TimeSpan.FromSeconds(40)));
        _database = await _fleet.OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) { await _database.DisposeAsync(); }
        if (_fleet is not null) { await _fleet.DisposeAsync(); }
        _over.Dispose();
    }

    [Fact]
    public async Task However_often_instances_are_killed_data_goes_on_who_is_idle_is_found_nothing_acknowledged_is_lost_and_each_byte_counts_once()
    {
        RelayInfo[] byUdp = [.. _fleet.Instances.Select(static instance => instance.ByUdp)], byWebSocket = [.. _fleet.Instances.Select(static instance => instance.ByWebSocket)];
        var tokens = await AppLoad.SignInAsync(_fleet.Location, Tokens);
        foreach (var instance in _fleet.Instances)
        {
            await _fleet.StartNodeAsync([instance.ByUdp]); // so that each has something to write down
            await KnowRunAsync(instance);
        }
        var residents = _fleet.Nodes.Count;
        var (datagrams, messages) = (await ConnectAsync(byUdp), await ConnectAsync(byWebSocket));
        (Endpoint Caller, Endpoint Callee)[] callers = [await PairAsync(byUdp), await PairAsync(byWebSocket), await PairAsync(byUdp, isDirect: true)];
        (Endpoint Caller, Endpoint Callee)[] idle = [await PairAsync(byUdp), await PairAsync(byWebSocket)];
        Endpoint[] nodes = [.. _fleet.Nodes.Skip(residents)];
        NumberedLane[] lanes = [new(datagrams.Called, datagrams.Accepted), new(datagrams.Accepted, datagrams.Called), new(messages.Called, messages.Accepted), new(messages.Accepted, messages.Called)];
        Connection[] connections = [datagrams.Called, messages.Called];
        Task[] load =
        [
            CountAsync(), .. lanes.Select(lane => lane.RunAsync(_over.Token, _fleet.Patience)), .. callers.Select((pair, i) => CallAsync(pair, isDirect: i == 2)),
            .. Enumerable.Range(0, 2).Select(writer => WriteAsync(tokens, writer * Tokens / 2 * AppLoad.AppsOfEach)),
        ];
        var (silences, missed, mayBeLost) = (new List<TimeSpan>(), new List<TimeSpan>(), new List<(DateTimeOffset From, DateTimeOffset To)>());

        for (var kill = 0; kill < Kills; kill++)
        {
            await UntilAsync(() => nodes.All(static node => node.Record is { Relays.Count: 2 }) && connections.All(static connection => connection.Paths.Count >= 2), load);
            Assert.Equal((PathType.Relay, PathType.RelayWebSocket), (datagrams.Called.ActivePath!.Type, messages.Called.ActivePath!.Type));
            var victim = (kill % 3) switch { 0 => _fleet.InUse(datagrams.Called), 1 => _fleet.InUse(messages.Called), _ => _fleet.Instances.Single(one => one.ByUdp.Id == idle[0].Callee.Record!.Relays[0].Id) };
            var before = lanes.Select(static lane => lane.Received).ToArray();
            var (start, at) = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
            _killed = at;
            _history += $"{(_history.Length > 0 ? ", " : "the kills of ")}{_fleet.Instances.Index().Single(one => one.Item == victim).Index}";
            await victim.Process.KillAsync();

            // At once, before those who are idle can know.
            foreach (var (caller, callee) in idle) { await TimeAsync((caller, callee), () => _fleet.RequireFoundAsync(caller, callee)); }
            await UntilAsync(() => lanes.Zip(before).All(static one => one.First.Received > one.Second + 200), load);
            silences.Add(lanes.Max(lane => lane.LongestSilence(start)));
            Assert.DoesNotContain(connections, connection => _fleet.InUse(connection) == victim);
            var flushed = await LastFlushOfAsync(victim);
            if (kill % 3 != 2) { Assert.InRange(flushed, at - PlaneFleet.FlushInterval - FlushDelay, at); } // it carried something all the time
            mayBeLost.Add((flushed - FlushTime, at + silences[^1]));

            // Whoever is idle misses it with the next keep-alive; a second kill before that could take both homes.
            await UntilAsync(() => nodes.All(node => node.Record!.Relays.All(relay => relay.Id != victim.ByUdp.Id)), load);
            missed.Add(Stopwatch.GetElapsedTime(start));
            await victim.StartAsync();
            await KnowRunAsync(victim);
        }

        await _over.CancelAsync();
        await Task.WhenAll(load);
        foreach (var connection in connections) { await connection.CloseAsync(); }
        await RequireWrittenAsync(tokens);
        var (lost, most) = (await MissingAsync(), mayBeLost.Sum(one => SentBetween(one.From, one.To)));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"longest silence after each kill: {Text(silences)} ms; missed by all after {Text(missed)} ms; {_calls.Count} calls, the longest {_calls.Max().TotalMilliseconds:f0} ms; "
            + $"{_acknowledged.Count} writes acknowledged; {_sent[^1].Bytes} bytes sent, {lost} of them not on record, where {most} may be missing");
        Assert.All(silences, static silence => Assert.InRange(silence, TimeSpan.Zero, Move));
        Assert.All(_calls, static call => Assert.InRange(call, TimeSpan.Zero, Answer));
        Assert.InRange(lost, 0, most);

        static string Text(List<TimeSpan> times) => string.Join(", ", times.Select(static one => $"{one.TotalMilliseconds:f0}"));
    }

    // Each once: what was acknowledged is there, and what was asked for twice is there once.
    private async Task RequireWrittenAsync(string[] tokens)
    {
        var there = new List<string>();
        foreach (var some in tokens.Chunk(Tokens / 2)) { there.AddRange(await AppLoad.ListAsync(_fleet.Instances[0].Http, some)); }
        Assert.Equal(_acknowledged.Select(static number => AppLoad.Wish(number).Name).Order(StringComparer.Ordinal), there.Order(StringComparer.Ordinal));
    }

    private async Task<(Connection Called, Connection Accepted)> ConnectAsync(RelayInfo[] relays)
    {
        var (caller, callee) = await PairAsync(relays);
        return await _fleet.ConnectAsync(caller, callee);
    }

    private async Task<(Endpoint Caller, Endpoint Callee)> PairAsync(RelayInfo[] relays, bool isDirect = false) => (await _fleet.StartNodeAsync(relays, isDirect), await _fleet.StartNodeAsync(relays, isDirect));

    // One is started at a time, so whatever run is new is that one's.
    private async Task KnowRunAsync(PlaneInstance instance)
    {
        while (true)
        {
            if ((await FlushesAsync()).Keys.Except(_runs.Keys).SingleOrDefault() is { } run)
            {
                _runs.Add(run, instance);
                return;
            }
            await Task.Delay(20, _fleet.Patience);
        }
    }

    private async Task<DateTimeOffset> LastFlushOfAsync(PlaneInstance instance) => (await FlushesAsync()).Where(one => _runs.GetValueOrDefault(one.Key) == instance).Max(static one => one.Value);

    private async Task<Dictionary<string, DateTimeOffset>> FlushesAsync()
    {
        var rows = await _database.ReadAsync(static session => session.QueryAsync($"SELECT run, at FROM usage_flushes", static row => (Run: row.Text("run"), At: row.Time("at"))), _fleet.Patience);
        return rows.ToDictionary(static row => row.Run, static row => row.At);
    }

    // What goes on all the time ends only where it fails.
    private async Task UntilAsync(Func<bool> condition, Task[] load)
    {
        await _fleet.UntilAsync(() => condition() || load.Any(static task => task.IsCompleted));
        if (load.FirstOrDefault(static task => task.IsCompleted) is { } failed) { await failed; }
    }

    private async Task CallAsync((Endpoint Caller, Endpoint Callee) pair, bool isDirect)
    {
        while (!_over.IsCancellationRequested)
        {
            await TimeAsync(pair, async () =>
            {
                var (called, accepted) = await _fleet.ConnectAsync(pair.Caller, pair.Callee);
                await using (called)
                await using (accepted) { await called.WaitForPathAsync(path => path.IsRelayed != isDirect, _fleet.Patience); }
            });
            await Task.Delay(100, _fleet.Patience);
        }
    }

    private async Task TimeAsync((Endpoint Caller, Endpoint Callee) pair, Func<Task> call)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await call();
        }
        catch (TransportException exception)
        {
            throw new InvalidOperationException($"A call failed after {Stopwatch.GetElapsedTime(start)}, {DateTimeOffset.UtcNow - _killed} after {_history}; homes of the caller {HomesOf(pair.Caller)}, of the callee {HomesOf(pair.Callee)}.", exception);
        }
        _calls.Add(Stopwatch.GetElapsedTime(start));
    }

    private string HomesOf(Endpoint node) => string.Join(' ', node.Record!.Relays.Select(relay => _fleet.Instances.Index().Single(one => one.Item.ByUdp.Id == relay.Id).Index));

    // Whoever got no answer asks another instance, under the same key.
    private async Task WriteAsync(string[] tokens, int first)
    {
        for (var number = first; !_over.IsCancellationRequested; number++)
        {
            for (var attempt = 0; !await AppLoad.CreateAsync(_fleet.Instances[(number + attempt) % 3].Http, tokens, number); attempt++) { await Task.Delay(20, _fleet.Patience); }
            _acknowledged.Add(number);
            await Task.Delay(10, _fleet.Patience);
        }
    }

    private async Task CountAsync()
    {
        do
        {
            var bytes = 0L;
            foreach (var node in _fleet.Nodes) { bytes += await SentByAsync(node); }
            _sent.Add((DateTimeOffset.UtcNow, bytes));
            await Task.Delay(50, _fleet.Patience);
        }
        while (!_over.IsCancellationRequested);
    }

    private static Task<long> SentByAsync(Endpoint node) => node.AskAsync(static core => core.RelayedBytesSent);

    private long SentBetween(DateTimeOffset from, DateTimeOffset to) => _sent.First(one => one.At >= to || one == _sent[^1]).Bytes - _sent.Last(one => one.At <= from || one == _sent[0]).Bytes;

    // Instances that are told to stop write down what is left.
    private async Task<long> MissingAsync()
    {
        foreach (var instance in _fleet.Instances) { instance.Process.Terminate(); }
        foreach (var instance in _fleet.Instances) { Assert.Equal(0, await instance.Process.WaitAsync()); }
        var missing = 0L;
        foreach (var node in _fleet.Nodes)
        {
            var (name, sent) = (node.Id.ToString(), await SentByAsync(node));
            var recorded = await _database.ReadAsync(session => session.NumberAsync($"SELECT SUM(relayed) FROM node_usage WHERE network = {PlaneFleet.Network} AND node = {name}"), _fleet.Patience) ?? 0;
            Assert.InRange(recorded, 0, sent); // nothing counts twice
            missing += sent - recorded;
        }
        return missing;
    }
}
