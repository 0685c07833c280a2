using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;

namespace Coco.ControlPlane.Storage;

/// <summary>
/// Where the control plane keeps what it must not forget. The same SQL runs on both engines; what differs is here and in the placeholders
/// of <see cref="Migrations"/>. What <see cref="WriteAsync{T}"/> has returned from is on disk.
/// </summary>
internal abstract class Database : IAsyncDisposable
{
    /// <summary>The payload that means: notices may have been missed, read the tables again. Every listener hears it once at the start, too, where
    /// the engine has instances.</summary>
    public const string Resynchronise = "*";

    // Chosen: conflicts of serializable transactions are rare and short; who still fails has a hot row to look for.
    private const int MaxAttempts = 20;

    // Chosen: enough that networks that grow at once seldom wait for each other, and few enough that each may hold a connection.
    private const int Lanes = 16;

    private readonly ConcurrentDictionary<string, List<Action<string>>> _listeners = new(StringComparer.Ordinal);

    private readonly WriteLane[] _lanes;

    protected Database(ILogger logger)
    {
        Logger = logger;
        _lanes = [.. Enumerable.Range(0, Lanes).Select(number => new WriteLane(work => RepeatAsync(work, number, CancellationToken.None)))];
    }

    public abstract DatabaseKind Kind { get; }

    protected ILogger Logger { get; }

    /// <summary>Opens the database that the text names, and brings its tables up to date.</summary>
    /// <param name="location"><c>sqlite:PATH</c> or <c>postgres:CONNECTION STRING</c>.</param>
    /// <param name="logger">Where it tells what it does.</param>
    /// <param name="use">What it is opened for.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StorageException">There is none, or it is of a later version.</exception>
    public static async Task<Database> OpenAsync(string location, ILogger logger, DatabaseUse use, CancellationToken cancellationToken)
    {
        Database database = location.Split(':', 2) switch
        {
            ["sqlite", { Length: > 0 } path] => new SqliteDatabase(path, logger),
            ["postgres", { Length: > 0 } connection] => new PostgreSqlDatabase(connection, logger),
            _ => throw new StorageException($"'{location}' names no database. Write sqlite:PATH or postgres:CONNECTION STRING.", isFull: false),
        };
        try
        {
            await database.StartAsync(use, cancellationToken);
            return database;
        }
        catch (DbException exception)
        {
            await database.DisposeAsync();
            throw new StorageException($"The database cannot be opened: {exception.Message}", isFull: false, exception);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads, seeing what was committed before.</summary>
    public async Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await ConnectAsync(cancellationToken);
            return await work(new(connection, transaction: null, cancellationToken));
        }
        catch (DbException exception) when (IsFull(exception))
        {
            throw Full(exception);
        }
    }

    /// <summary>Reads much, as it was at one moment, while others write.</summary>
    public abstract Task<T> ReadSnapshotAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Does the work in one serializable transaction, again from the start where it met another. So the work must have no effect but
    /// through its session.</summary>
    /// <exception cref="StorageException">The disk is full; nothing was changed.</exception>
    public Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => RepeatAsync(work, lane: null, cancellationToken);

    /// <summary>As <see cref="WriteAsync{T}"/>, for works that read what others like them write and would meet each other all the time: those with one key take turns,
    /// at all instances, and share transactions.</summary>
    /// <param name="key">What they have in common.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Takes it back while it has not begun.</param>
    public Task<T> WriteInLaneAsync<T>(string key, Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        var number = SHA256.HashData(Encoding.UTF8.GetBytes(key))[0] % Lanes; // the same at all instances
        return _lanes[number].DoAsync(work, cancellationToken);
    }

    private async Task<T> RepeatAsync<T>(Func<Session, Task<T>> work, int? lane, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnceAsync(work, lane, cancellationToken);
            }
            catch (DbException exception) when (IsConflict(exception) && attempt < MaxAttempts)
            {
                StorageLog.Conflict(Logger, attempt);
                await Task.Delay(Random.Shared.Next(1, 5 << Math.Min(attempt, 6)), cancellationToken);
            }
            catch (DbException exception) when (IsFull(exception))
            {
                throw Full(exception);
            }
        }
    }

    public Task WriteAsync(Func<Session, Task> work, CancellationToken cancellationToken) => WriteAsync(
        async session =>
        {
            await work(session);
            return true;
        },
        cancellationToken);

    /// <summary>Hears what any instance tells on a channel after its commit. Handlers are called one after the other and must not block or throw.</summary>
    /// <returns>Ends the listening.</returns>
    public IDisposable Listen(string channel, Action<string> handler)
    {
        var handlers = _listeners.GetOrAdd(channel, static _ => []);
        lock (handlers) { handlers.Add(handler); }
        ListenersChanged(channel);
        return new Listening(handlers, handler);
    }

    public abstract ValueTask DisposeAsync();

    private static StorageException Full(DbException exception) => new("The database's disk is full. Nothing was changed; make room and try again.", isFull: true, exception);

    /// <summary>Brings the tables up to date, or sees that they are.</summary>
    protected async Task PrepareAsync(DatabaseUse use, CancellationToken cancellationToken)
    {
        if (use is DatabaseUse.Instance) { await Migrations.ApplyAsync(this, Logger, int.MaxValue, cancellationToken); }
        else if (use is DatabaseUse.Tool) { await Migrations.RequireAsync(this, cancellationToken); }
    }

    protected abstract Task StartAsync(DatabaseUse use, CancellationToken cancellationToken);

    protected abstract Task<DbConnection> ConnectAsync(CancellationToken cancellationToken);

    /// <summary>Does the work in one transaction; of those with one lane, one at a time at all instances.</summary>
    protected abstract Task<T> WriteOnceAsync<T>(Func<Session, Task<T>> work, int? lane, CancellationToken cancellationToken);

    protected abstract bool IsConflict(DbException exception);

    protected abstract bool IsFull(DbException exception);

    /// <summary>Whether something failed because the table has such a row already.</summary>
    public abstract bool IsDuplicate(DbException exception, string table);

    protected virtual void ListenersChanged(string channel)
    {
    }

    protected IReadOnlyList<string> Channels => [.. _listeners.Keys];

    protected void Deliver(string channel, string payload)
    {
        if (!_listeners.TryGetValue(channel, out var handlers)) { return; }
        Action<string>[] now;
        lock (handlers) { now = [.. handlers]; }
        foreach (var handler in now) { handler(payload); }
    }

    private sealed class Listening(List<Action<string>> handlers, Action<string> handler) : IDisposable
    {
        public void Dispose()
        {
            lock (handlers) { handlers.Remove(handler); }
        }
    }
}
