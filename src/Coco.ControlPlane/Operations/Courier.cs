using System.Data.Common;
using System.Threading.Channels;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Operations;

/// <summary>
/// Takes what waits in a table to where it goes: one instance at a time, by a lease, at least once. Whoever writes such a row tells the channel of the same name; what a
/// notice was missed for is found by time. Each place that is free goes to what is due then, so that whoever is slow holds up one place and nobody else.
/// </summary>
/// <typeparam name="TDue">What is due.</typeparam>
/// <param name="database">Where it waits.</param>
/// <param name="name">Of the lease and of the channel.</param>
/// <param name="time">The clock on the wall.</param>
internal abstract class Courier<TDue>(Database database, string name, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // Of SQLite there is one instance: what it held before it was killed is its own still.
    private readonly string _holder = database.Kind is DatabaseKind.Sqlite ? "ins_only" : Identifiers.New("ins");
    private readonly SemaphoreSlim _round = new(1);
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    protected Database Database => database;

    protected TimeProvider Time => time;

    /// <summary>How many attempts are under way at once.</summary>
    protected virtual int AtOnce => 16;

    /// <summary>How many of them may be of one <see cref="ShareOf"/>.</summary>
    protected virtual int AtOnceOfShare => AtOnce;

    /// <summary>How many are read: as many as there are places, besides those that are under way and still due in the table.</summary>
    protected long Most => 2L * AtOnce;

    /// <summary>How long an instance that was killed keeps others from its work: several times the patience of one attempt.</summary>
    protected virtual TimeSpan LeaseTime => TimeSpan.FromMinutes(1);

    public override void Dispose()
    {
        _round.Dispose();
        base.Dispose();
    }

    /// <summary>Delivers what is due now.</summary>
    /// <returns>How many attempts were made.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        await _round.WaitAsync(cancellationToken);
        try
        {
            return await DeliverAllAsync(cancellationToken);
        }
        finally
        {
            _round.Release();
        }
    }

    /// <summary>Stops, and leaves what waits to another instance at once.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            if (await database.ReadAsync(session => session.AnyAsync($"SELECT 1 FROM leases WHERE name = {name} AND holder = {_holder}"), cancellationToken))
            {
                await database.WriteAsync(session => session.ExecuteAsync($"UPDATE leases SET until = {time.GetUtcNow()} WHERE name = {name} AND holder = {_holder}"), cancellationToken);
            }
        }
        catch (Exception exception) when (exception is DbException or StorageException or TimeoutException or OperationCanceledException)
        {
            // It ends by itself.
        }
    }

    /// <summary>Reads some of what is due; nothing when nothing is.</summary>
    protected abstract Task<List<TDue>> DueAsync(Session session);

    /// <summary>What is delivered one at a time, in order.</summary>
    protected abstract string KeyOf(TDue due);

    /// <summary>Whose it is, where nobody is to have all places.</summary>
    protected virtual string ShareOf(TDue due) => KeyOf(due);

    /// <summary>Makes an attempt, and writes down what came of it: the row is gone then, or due later.</summary>
    protected abstract Task DeliverAsync(TDue due, CancellationToken cancellationToken);

    /// <summary>Forgets what is over, in the transaction that takes the lease.</summary>
    protected virtual Task SweepAsync(Session session) => Task.CompletedTask;

    /// <summary>Tells that a round failed.</summary>
    protected abstract void Failed(Exception exception);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = database.Listen(name, _ => _news.Writer.TryWrite(true));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(stoppingToken);
                using var interval = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                interval.CancelAfter(Interval);
                await _news.Reader.ReadAsync(interval.Token);
            }
            catch (OperationCanceledException)
            {
            }
            catch (Exception exception) // the top of the loop: a database that is away comes back
            {
                Failed(exception);
                await Task.Delay(Interval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<int> DeliverAllAsync(CancellationToken cancellationToken)
    {
        var (underWay, attempts, leased) = (new Dictionary<string, (TDue Due, Task Attempt)>(StringComparer.Ordinal), 0, default(DateTimeOffset?));
        try
        {
            while (true)
            {
                var due = await StartableAsync(underWay, cancellationToken);
                // With nothing due nothing is written; with the lease it is read again, as another instance may have had it.
                if (due.Count > 0 && !HoldsStill(leased))
                {
                    leased = await TakeLeaseAsync(cancellationToken);
                    due = leased is null ? [] : await StartableAsync(underWay, cancellationToken);
                }
                foreach (var one in due) { underWay.Add(KeyOf(one), (one, DeliverAsync(one, cancellationToken))); }
                attempts += due.Count;
                if (underWay.Count == 0) { return attempts; }
                await ChangeAsync(underWay.Values.Select(static one => one.Attempt), cancellationToken);
                foreach (var (key, (_, attempt)) in underWay.Where(static one => one.Value.Attempt.IsCompleted).ToArray())
                {
                    underWay.Remove(key);
                    await attempt;
                }
            }
        }
        finally
        {
            await Task.WhenAll(underWay.Values.Select(static one => one.Attempt)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // What is under way is due in the table until it is over; that it is over is seen here after the table was read, so nothing is taken twice.
    private async Task<List<TDue>> StartableAsync(Dictionary<string, (TDue Due, Task Attempt)> underWay, CancellationToken cancellationToken)
    {
        if (underWay.Count >= AtOnce) { return []; }
        var (due, keys) = (new List<TDue>(), underWay.Keys.ToHashSet(StringComparer.Ordinal));
        var shares = underWay.Values.CountBy(one => ShareOf(one.Due), StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        foreach (var one in await database.ReadAsync(DueAsync, cancellationToken))
        {
            var taken = shares.GetValueOrDefault(ShareOf(one));
            if (keys.Count == AtOnce || taken == AtOnceOfShare || !keys.Add(KeyOf(one))) { continue; }
            shares[ShareOf(one)] = taken + 1;
            due.Add(one);
        }
        return due;
    }

    // Until an attempt is over, something is new, or it is time to look for what no notice told of.
    private async Task ChangeAsync(IEnumerable<Task> attempts, CancellationToken cancellationToken)
    {
        using var interval = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        interval.CancelAfter(Interval);
        Task news = _news.Reader.WaitToReadAsync(interval.Token).AsTask();
        await Task.WhenAny(attempts.Append(news));
        await interval.CancelAsync();
        await news.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _news.Reader.TryRead(out _);
    }

    // Taken again well before it ends: an attempt that begins now is over by then.
    private bool HoldsStill(DateTimeOffset? leased) => leased is { } since && time.GetUtcNow() is var now && now >= since && now < since + (LeaseTime / 4);

    /// <returns>When; null where another instance has it.</returns>
    private Task<DateTimeOffset?> TakeLeaseAsync(CancellationToken cancellationToken) => database.WriteAsync<DateTimeOffset?>(
        async session =>
        {
            var now = time.GetUtcNow();
            await SweepAsync(session);
            // A lease that ends later than any can is of a clock that was ahead, and its holder may be gone; as much again for instances whose clocks differ.
            await session.ExecuteAsync($"INSERT INTO leases (name, holder, until) VALUES ({name}, {_holder}, {now}) ON CONFLICT (name) DO NOTHING");
            var taken = await session.ExecuteAsync($"UPDATE leases SET holder = {_holder}, until = {now + LeaseTime} WHERE name = {name} AND (holder = {_holder} OR until <= {now} OR until > {now + LeaseTime + LeaseTime})") > 0;
            return taken ? now : null;
        },
        cancellationToken);
}
