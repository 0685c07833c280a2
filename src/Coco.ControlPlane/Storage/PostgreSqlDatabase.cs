using System.Data;
using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Coco.ControlPlane.Storage;

/// <summary>A server of PostgreSQL that instances share. Notices go by LISTEN and NOTIFY, on a connection of their own.</summary>
internal sealed class PostgreSqlDatabase : Database
{
    // One for all of the program's channels, which are told apart by the first line of a notice.
    private const string Channel = "coco_control";

    private const int NoticesOfStatement = 50;
    private const int StatementsPrepared = 200; // the program has some three hundred, of which a service uses few often

    // Numbers that nobody else uses in this database, one for each lane.
    private const long LaneLocks = 0x636F636F_6C616E00;

    // A machine that dies or a middlebox that forgets says nothing, and by itself TCP finds out after hours. Whoever is gone has to be gone for both sides before the callers of
    // its lane lose their patience (30 s): a probe after 10 s without a word, three more 5 s apart.
    private const int SilenceSeconds = 10;
    private const int ProbeSeconds = 5;
    private const int Probes = 3;
    private const int TransactionIdleSeconds = 60; // chosen: none of ours waits for anything but the database

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource _source;
    private readonly TimeSpan _silence;
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
            builder.Options = $"{Alive} {builder.Options} -c enable_seqscan=off".Trim(); // what the operator wrote comes later than ours, and wins
            KeepAlive(builder);
            _silence = TimeSpan.FromSeconds(builder.KeepAlive == 0 ? SilenceSeconds : builder.KeepAlive);
            builder.KeepAlive = 0; // it is for connections that wait for notices, of which there is one, which looks for itself
            // Planning costs more than what most of our statements do.
            if (builder.MaxAutoPrepare == 0) { builder.MaxAutoPrepare = StatementsPrepared; }
            _source = NpgsqlDataSource.Create(builder);
        }
        catch (ArgumentException exception)
        {
            throw new StorageException("The connection string of PostgreSQL cannot be read: " + exception.Message, isFull: false, exception);
        }
    }

    public override DatabaseKind Kind => DatabaseKind.PostgreSql;

    // For the server's side, where a dead instance holds its lane.
    private static string Alive => string.Create(CultureInfo.InvariantCulture,
        $"-c tcp_keepalives_idle={SilenceSeconds} -c tcp_keepalives_interval={ProbeSeconds} -c tcp_keepalives_count={Probes} -c tcp_user_timeout={(SilenceSeconds + (Probes * ProbeSeconds)) * 1000} -c idle_in_transaction_session_timeout={TransactionIdleSeconds * 1000}");

    private static void KeepAlive(NpgsqlConnectionStringBuilder builder)
    {
        if (builder.TcpKeepAlive || builder.TcpKeepAliveTime != 0) { return; } // as the operator wants it
        (builder.TcpKeepAlive, builder.TcpKeepAliveTime, builder.TcpKeepAliveInterval) = (true, SilenceSeconds, ProbeSeconds);
    }

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

    protected override async Task<T> WriteOnceAsync<T>(Func<Session, Task<T>> work, int? lane, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        if (lane is not { } number) { return await WriteOnceAsync(connection, work, cancellationToken); }
        // Before the transaction, whose snapshot would else be of before its turn. Who dies loses its turn with its connection.
        var turns = new Session(connection, transaction: null, cancellationToken);
        await turns.ExecuteAsync($"SELECT pg_advisory_lock({LaneLocks + number})");
        try
        {
            return await WriteOnceAsync(connection, work, cancellationToken);
        }
        finally
        {
            if (connection.State is ConnectionState.Open) { await turns.ExecuteAsync($"SELECT pg_advisory_unlock({LaneLocks + number})"); }
        }
    }

    private static async Task<T> WriteOnceAsync<T>(DbConnection connection, Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable, cancellationToken);
        var session = new Session(connection, transaction, cancellationToken, isWriting: true);
        var result = await work(session);
        foreach (var some in session.Notices.Chunk(NoticesOfStatement)) { session.ExecuteLater(Notify(some)); }
        await session.FlushAsync();
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    private static SqlText Notify((string Channel, string Payload)[] notices)
    {
        SqlText text = $"SELECT pg_notify({Channel}, {notices[0].Channel + "\n" + notices[0].Payload})";
        foreach (var (channel, payload) in notices.AsSpan(1)) { text.AppendFormatted((SqlText)$", pg_notify({Channel}, {channel + "\n" + payload})"); }
        return text;
    }

    protected override bool IsConflict(DbException exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    public override bool IsDuplicate(DbException exception, string table) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } duplicate && duplicate.TableName == table;

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
            while (true)
            {
                if (await connection.WaitAsync(_silence, _stopping.Token)) { continue; }
                // Nothing came, which is as it is where nothing happened and where nobody is there any more.
                await using var look = connection.CreateCommand();
                look.CommandText = "SELECT 1";
                look.CommandTimeout = (int)Patience.TotalSeconds;
                await look.ExecuteScalarAsync(_stopping.Token);
            }
        }
        finally
        {
            _isListening = false;
        }
    }
}
