using System.Data;
using System.Data.Common;
using Npgsql;

namespace Coco.ControlPlane.Storage;

/// <summary>A server of PostgreSQL that instances share. Notices go by LISTEN and NOTIFY, on a connection of their own.</summary>
internal sealed class PostgreSqlDatabase : Database
{
    // One for all of the program's channels, which are told apart by the first line of a notice.
    private const string Channel = "coco_control";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource _source;
    private readonly CancellationTokenSource _stopping = new();
    private Task _listening = Task.CompletedTask;
    private volatile bool _isListening;
    private bool _isDisposed;

    public PostgreSqlDatabase(string connectionString, ILogger logger)
        : base(logger)
    {
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(connectionString);
            // A serializable transaction that scans a table whole meets everybody who writes to it (PostgreSQL, 13.2.3). While tables are small the
            // planner would rather do that than use the indexes that all our statements have.
            builder.Options = $"{builder.Options} -c enable_seqscan=off".Trim();
            _source = NpgsqlDataSource.Create(builder);
        }
        catch (ArgumentException exception)
        {
            throw new StorageException("The connection string of PostgreSQL cannot be read: " + exception.Message, isFull: false, exception);
        }
    }

    public override DatabaseKind Kind => DatabaseKind.PostgreSql;

    public override async ValueTask DisposeAsync()
    {
        if (_isDisposed) { return; }
        _isDisposed = true;
        await _stopping.CancelAsync();
        // A server that has gone away must not keep us from stopping.
        await Task.WhenAny(_listening, Task.Delay(Patience, CancellationToken.None));
        await _source.DisposeAsync();
        _stopping.Dispose();
    }

    protected override async Task StartAsync(DatabaseUse use, CancellationToken cancellationToken)
    {
        await PrepareAsync(use, cancellationToken);
        if (use is DatabaseUse.Instance) { _listening = ListenAsync(); }
    }

    public override async Task<T> ReadSnapshotAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        return await work(new(connection, transaction, cancellationToken));
    }

    protected override async Task<DbConnection> ConnectAsync(CancellationToken cancellationToken) => await _source.OpenConnectionAsync(cancellationToken);

    protected override async Task<T> WriteOnceAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable, cancellationToken);
        var session = new Session(connection, transaction, cancellationToken, isWriting: true);
        var result = await work(session);
        foreach (var (channel, payload) in session.Notices)
        {
            await session.ExecuteAsync($"SELECT pg_notify({Channel}, {channel + "\n" + payload})");
        }
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    protected override bool IsConflict(DbException exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    protected override bool IsFull(DbException exception) => exception is PostgresException { SqlState: PostgresErrorCodes.DiskFull };

    protected override void ListenersChanged(string channel)
    {
        if (_isListening) { Deliver(channel, Resynchronise); }
    }

    private async Task ListenAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await ListenOnceAsync();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception) when (exception is DbException or IOException or TimeoutException or InvalidOperationException)
            {
                StorageLog.ListeningLost(Logger, exception.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), _stopping.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task ListenOnceAsync()
    {
        await using var connection = await _source.OpenConnectionAsync(_stopping.Token);
        connection.Notification += (_, notice) =>
        {
            if (notice.Payload.Split('\n', 2) is [var channel, var payload]) { Deliver(channel, payload); }
        };
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = $"LISTEN {Channel}";
            await command.ExecuteNonQueryAsync(_stopping.Token);
        }
        _isListening = true;
        try
        {
            // Notices of the time without a connection are lost: whoever listens is told so, and reads the tables again.
            foreach (var channel in Channels) { Deliver(channel, Resynchronise); }
            while (true) { await connection.WaitAsync(_stopping.Token); }
        }
        finally
        {
            _isListening = false;
        }
    }
}
