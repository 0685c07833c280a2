using System.Data.Common;

namespace Coco.ControlPlane.Storage;

/// <summary>One connection for the time of one piece of work, inside a transaction where that writes.</summary>
internal sealed class Session(DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken, bool isWriting = false)
{
    private List<(string Channel, string Payload)>? _notices;
    private SqlText? _later;

    /// <summary>What is to be told to all instances once this is committed: the channel and up to 4,000 characters.</summary>
    public IReadOnlyList<(string Channel, string Payload)> Notices => _notices ?? [];

    internal DbConnection Connection => connection;

    internal DbTransaction? Transaction => transaction;

    /// <summary>Ends the work; pass it on to what else is awaited.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>How many statements that may change something were run or put off, and notices given.</summary>
    public int Changes { get; private set; }

    /// <summary>Runs a statement of which nothing is to be known with the next one, or before the commit: it costs no way to the server of its own. What fails fails there.</summary>
    public void ExecuteLater(SqlText sql)
    {
        if (!isWriting) { throw new InvalidOperationException("Nothing comes later where nothing is committed: use WriteAsync."); }
        Changes++;
        if (_later is not { } before)
        {
            _later = sql;
            return;
        }
        before.AppendLiteral(";\n");
        before.AppendFormatted(sql);
    }

    /// <summary>Runs what was put off.</summary>
    internal async Task FlushAsync()
    {
        if (_later is not { } sql) { return; }
        _later = null;
        await ExecuteAsync(sql);
    }

    /// <summary>Runs a statement.</summary>
    /// <returns>How many rows it changed.</returns>
    public async Task<int> ExecuteAsync(SqlText sql)
    {
        Changes++;
        await FlushAsync(); // or its rows would be counted, too
        await using var command = Command(sql);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<List<T>> QueryAsync<T>(SqlText sql, Func<Row, T> read)
    {
        await using var command = Command(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken)) { rows.Add(read(new(reader))); }
        return rows;
    }

    /// <summary>The first row; null, or the default, when there is none.</summary>
    public async Task<T?> FirstAsync<T>(SqlText sql, Func<Row, T> read)
    {
        await using var command = Command(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? read(new(reader)) : default;
    }

    /// <summary>The number in the first column of the first row; null for no row or no number.</summary>
    public async Task<long?> NumberAsync(SqlText sql)
    {
        await using var command = Command(sql);
        return await command.ExecuteScalarAsync(cancellationToken) switch
        {
            null or DBNull => null,
            var number => Convert.ToInt64(number, System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    public async Task<bool> AnyAsync(SqlText sql)
    {
        await using var command = Command(sql);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    /// <summary>Tells every instance, this one too, if and when the transaction is committed.</summary>
    public void Notify(string channel, string payload)
    {
        if (!isWriting) { throw new InvalidOperationException("Notices go out with a commit: use WriteAsync."); }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, 4000, nameof(payload));
        Changes++;
        (_notices ??= []).Add((channel, payload));
    }

    private DbCommand Command(SqlText sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        if (_later is { } before)
        {
            // Their readers begin at the first statement that has rows.
            _later = null;
            before.AppendLiteral(";\n");
            before.AppendFormatted(sql);
            sql = before;
        }
        sql.ApplyTo(command);
        return command;
    }
}
