using System.Data;
using System.Data.Common;
using System.Security.Cryptography;
using Coco.ControlPlane.Api;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Coco.Benchmarks.Control;

/// <summary>The database alone: what registering an app reads and writes, in transactions of the same isolation, by its driver and without HTTP.</summary>
internal sealed class BareWrites(string location, IReadOnlyList<Person> people) : IAsyncDisposable
{
    private const int MaxAttempts = 10;
    private const int SqliteBusy = 5;

    private const string Count = "INSERT INTO app_counts (account, apps) VALUES (@owner, 1) ON CONFLICT (account) DO UPDATE SET apps = app_counts.apps + 1 WHERE app_counts.apps < 100";
    private const string App = "INSERT INTO apps (id, owner_account, name, kind, scopes, secret, created, version) VALUES (@id, @owner, 'an app', 'service', 'networks:read', @secret, 1, 1)";
    private const string Audit = "INSERT INTO audit_events (id, at, caller, operation, subject) VALUES (@id, 1, @owner, 'createApp', '/v1/apps/app_0123456789')";
    private const string Answer = "INSERT INTO idempotency_keys (caller, key, request_hash, status, headers, body, created) VALUES (@owner, @id, @id, 201, '{}', @answer, 1)";

    private readonly SemaphoreSlim _writing = new(1); // SQLite has one writer
    private readonly NpgsqlDataSource? _postgres = location.StartsWith("postgres:", StringComparison.Ordinal) ? NpgsqlDataSource.Create(location["postgres:".Length..]) : null;

    public async Task<bool> WriteAsync(int number, CancellationToken cancellationToken)
    {
        if (_postgres is null) { await _writing.WaitAsync(cancellationToken); }
        try
        {
            for (var attempt = 1; attempt <= MaxAttempts; attempt++)
            {
                try
                {
                    await WriteOnceAsync(people[number % people.Count], cancellationToken);
                    return true;
                }
                catch (DbException exception) when (IsConflict(exception))
                {
                    await Task.Delay(RandomNumberGenerator.GetInt32(1, 1 << attempt), cancellationToken);
                }
            }
            return false;
        }
        finally
        {
            if (_postgres is null) { _writing.Release(); }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null) { await _postgres.DisposeAsync(); }
        else { SqliteConnection.ClearAllPools(); }
        _writing.Dispose();
    }

    private static bool IsConflict(DbException exception) => exception is SqliteException { SqliteErrorCode: SqliteBusy }
        or PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    private async Task WriteOnceAsync(Person person, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        var (id, owner) = (Identifiers.New("app"), person.Account);
        await RunAsync(connection, "SELECT * FROM tokens WHERE hash = @secret", id, owner, cancellationToken);
        await RunAsync(connection, "SELECT request_hash, status, headers, body FROM idempotency_keys WHERE caller = @owner AND key = @id", id, owner, cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable, cancellationToken);
        await RunAsync(connection, Count, id, owner, cancellationToken);
        await RunAsync(connection, App, id, owner, cancellationToken);
        await RunAsync(connection, Audit, id, owner, cancellationToken);
        await RunAsync(connection, Answer, id, owner, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<DbConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_postgres is not null) { return await _postgres.OpenConnectionAsync(cancellationToken); }
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = location["sqlite:".Length..], Pooling = true, DefaultTimeout = 30 }.ToString());
        await connection.OpenAsync(cancellationToken);
        await RunAsync(connection, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON", "", "", cancellationToken);
        return connection;
    }

    private static async Task RunAsync(DbConnection connection, string text, string id, string owner, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // texts of this file
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var (name, value) in (ReadOnlySpan<(string, object)>)[("id", id), ("owner", owner), ("secret", new byte[32]), ("answer", new byte[400])])
        {
            if (!text.Contains('@' + name, StringComparison.Ordinal)) { continue; }
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
