namespace Coco.Storage.Sqlite;

/// <summary>A prepared statement. Values are bound, stepped through, and reset for the next use.</summary>
internal sealed unsafe class Statement(Connection connection, string sql) : IDisposable
{
    private nint _handle = connection.Prepare(sql);

    public Statement Bind(int index, long value)
    {
        connection.Check(SqliteApi.sqlite3_bind_int64(_handle, index, value));
        return this;
    }

    public Statement Bind(int index, ReadOnlySpan<byte> value)
    {
        byte nothing = 0;
        fixed (byte* start = value)
        {
            // A null pointer would bind NULL instead of an empty value.
            var bytes = start is null ? &nothing : start;
            connection.Check(SqliteApi.sqlite3_bind_blob(_handle, index, bytes, value.Length, SqliteApi.Transient));
        }
        return this;
    }

    /// <summary>True when there is a row. What else than a row or the end comes is thrown.</summary>
    public bool Step()
    {
        var result = SqliteApi.sqlite3_step(_handle);
        if (result is SqliteApi.Row) { return true; }
        if (result is not SqliteApi.Done) { connection.Check(result); }
        return false;
    }

    /// <summary>Runs to the end and resets.</summary>
    public void Run()
    {
        try
        {
            while (Step()) { }
        }
        finally
        {
            Reset();
        }
    }

    public long Integer(int column) => SqliteApi.sqlite3_column_int64(_handle, column);

    /// <summary>The bytes of a column until the next step or reset; what is not a blob was not written by us.</summary>
    public ReadOnlySpan<byte> Blob(int column)
    {
        if (SqliteApi.sqlite3_column_type(_handle, column) != SqliteApi.TypeBlob)
        {
            throw connection.Damage("a value has the wrong type");
        }
        var start = SqliteApi.sqlite3_column_blob(_handle, column);
        return new(start, SqliteApi.sqlite3_column_bytes(_handle, column));
    }

    public string Text(int column)
    {
        var start = SqliteApi.sqlite3_column_text(_handle, column);
        return start is null ? "" : System.Text.Encoding.UTF8.GetString(start, SqliteApi.sqlite3_column_bytes(_handle, column));
    }

    /// <summary>Ends the reading, so that no lock and no value stays behind. Errors were told by the step.</summary>
    public void Reset()
    {
        _ = SqliteApi.sqlite3_reset(_handle);
        _ = SqliteApi.sqlite3_clear_bindings(_handle);
    }

    public void Dispose()
    {
        _ = SqliteApi.sqlite3_finalize(_handle);
        _handle = 0;
    }
}
