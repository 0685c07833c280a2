using System.Data.Common;
using System.Threading.Channels;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Operations;

/// <summary>
/// Takes what waits in a table to where it goes: one instance at a time, by a lease, at least once. Whoever writes such a row tells the channel of the same name; what a
/// notice was missed for is found by time.
/// </summary>
/// <typeparam name="TDue">What is due.</typeparam>
/// <param name="database">Where it waits.</param>
/// <param name="name">Of the lease and of the channel.</param>
/// <param name="time">The clock on the wall.</param>
internal abstract class Courier<TDue>(Database database, string name, TimeProvider time) : BackgroundService
{
    /// <summary>How many are taken at once.</summary>
    protected const int AtOnce = 16;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // Of SQLite there is one instance: what it held before it was killed is its own still.
    private readonly string _holder = database.Kind is DatabaseKind.Sqlite ? "ins_only" : Identifiers.New("ins");
    private readonly SemaphoreSlim _round = new(1);

    protected Database Database => database;

    protected TimeProvider Time => time;

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
            var attempts = 0;
            // With nothing due nothing is written; with the lease it is read again, as another instance may have had it.
            while ((await database.ReadAsync(DueAsync, cancellationToken)).Count > 0 && await HasLeaseAsync(cancellationToken))
            {
                var due = await database.ReadAsync(DueAsync, cancellationToken);
                if (due.Count == 0) { break; }
                await Task.WhenAll(due.Select(one => DeliverAsync(one, cancellationToken)));
                attempts += due.Count;
            }
            return attempts;
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

    /// <summary>Makes an attempt, and writes down what came of it: the row is gone then, or due later.</summary>
    protected abstract Task DeliverAsync(TDue due, CancellationToken cancellationToken);

    /// <summary>Forgets what is over, in the transaction that takes the lease.</summary>
    protected virtual Task SweepAsync(Session session) => Task.CompletedTask;

    /// <summary>Tells that a round failed.</summary>
    protected abstract void Failed(Exception exception);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var listening = database.Listen(name, _ => wake.Writer.TryWrite(true));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(stoppingToken);
                using var interval = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                interval.CancelAfter(Interval);
                await wake.Reader.ReadAsync(interval.Token);
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

    private Task<bool> HasLeaseAsync(CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            var now = time.GetUtcNow();
            await SweepAsync(session);
            // A lease that ends later than any can is of a clock that was ahead, and its holder may be gone; as much again for instances whose clocks differ.
            await session.ExecuteAsync($"INSERT INTO leases (name, holder, until) VALUES ({name}, {_holder}, {now}) ON CONFLICT (name) DO NOTHING");
            return await session.ExecuteAsync($"UPDATE leases SET holder = {_holder}, until = {now + LeaseTime} WHERE name = {name} AND (holder = {_holder} OR until <= {now} OR until > {now + LeaseTime + LeaseTime})") > 0;
        },
        cancellationToken);
}
