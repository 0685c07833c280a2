using System.Collections.Concurrent;
using System.Data.Common;

namespace Coco.ControlPlane.Storage;

/// <summary>
/// Where the control plane keeps what it must not forget. The same SQL runs on both engines; what differs is here and in the placeholders
/// of <see cref="Migrations"/>. What <see cref="WriteAsync{T}"/> has returned from is on disk.
/// </summary>
internal abstract class Database(ILogger logger) : IAsyncDisposable
{
    /// <summary>The payload that means: notices may have been missed, read the tables again. Every listener hears it once at the start, too, where
    /// the engine has instances.</summary>
    public const string Resynchronise = "*";

    // Chosen: conflicts of serializable transactions are rare and short; who still fails has a hot row to look for.
    private const int MaxAttempts = 20;

    private readonly ConcurrentDictionary<string, List<Action<string>>> _listeners = new(StringComparer.Ordinal);

    public abstract DatabaseKind Kind { get; }

    protected ILogger Logger => logger;

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
    public async Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnceAsync(work, cancellationToken);
            }
            catch (DbException exception) when (IsConflict(exception) && attempt < MaxAttempts)
            {
                StorageLog.Conflict(logger, attempt);
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
        if (use is DatabaseUse.Instance) { await Migrations.ApplyAsync(this, logger, int.MaxValue, cancellationToken); }
        else if (use is DatabaseUse.Tool) { await Migrations.RequireAsync(this, cancellationToken); }
    }

    protected abstract Task StartAsync(DatabaseUse use, CancellationToken cancellationToken);

    protected abstract Task<DbConnection> ConnectAsync(CancellationToken cancellationToken);

    protected abstract Task<T> WriteOnceAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken);

    protected abstract bool IsConflict(DbException exception);

    protected abstract bool IsFull(DbException exception);

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
