using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Backups;

/// <summary>Fills an empty database from a backup, all of it or nothing. The engine may be another than the backup's.</summary>
internal static class BackupReader
{
    /// <summary>Restores.</summary>
    /// <param name="database">The database, opened with <see cref="DatabaseUse.Restore"/>.</param>
    /// <param name="secret">The secret of the instance that made the backup.</param>
    /// <param name="path">The backup.</param>
    /// <param name="now">The time, by which mail that waited is of use still or not.</param>
    /// <param name="cancellationToken">Ends it; nothing is restored then.</param>
    /// <returns>How many rows there were, what became of mail that waited, and how many tokens hold no more.</returns>
    /// <exception cref="StorageException">The file is no backup, not whole, or of a later version; or the database is not empty.</exception>
    public static Task<Restored> ReadAsync(Database database, ServerSecret secret, string path, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            using var file = File.OpenRead(path);
            using var box = new SealedReader(file, secret);
            using var lines = new StreamReader(box);
            var head = Parse<BackupHead>(await lines.ReadLineAsync(cancellationToken));
            Require(head);
            // The tables as they were when the backup was made; what came later is applied to the rows afterwards.
            var made = await Migrations.ApplyAsync(session, database.Kind, (int)head.Migrations[^1].Version);
            if (made.Count != head.Migrations.Count) { throw new StorageException("The database is in use already. Restore into an empty one.", isFull: false); }
            var rows = await ReadTablesAsync(session, lines);
            if (!box.IsWhole) { throw new StorageException($"{path} ends too early: it is not all of the backup. Nothing was restored.", isFull: false); }
            await Migrations.ApplyAsync(session, database.Kind, int.MaxValue);
            var (held, dropped) = await HeldMails.HoldAsync(session, now);
            return new Restored(rows, held, dropped, await RevokeAsync(session, now));
        },
        cancellationToken);

    // What was taken back since the backup was made is not known here: a stolen session would be good again, and a used refresh token would not be noticed. So nothing holds.
    private static async Task<int> RevokeAsync(Session session, DateTimeOffset now)
    {
        await session.ExecuteAsync($"DELETE FROM authorization_codes");
        return await session.ExecuteAsync($"UPDATE tokens SET revoked = {now} WHERE revoked IS NULL");
    }

    private static void Require(BackupHead head)
    {
        foreach (var one in head.Migrations)
        {
            if (!Migrations.All.Any(migration => migration.Version == one.Version && migration.Hash == one.Hash))
            {
                throw new StorageException($"The backup was made by another version (migration {one.Version}). Restore it with that version, or a later one.", isFull: false);
            }
        }
        if (head.Migrations.Count == 0) { throw new StorageException("The backup has no tables.", isFull: false); }
    }

    private static async Task<long> ReadTablesAsync(Session session, StreamReader lines)
    {
        var rows = 0L;
        DbCommand? insert = null;
        try
        {
            while (await lines.ReadLineAsync(session.CancellationToken) is { } line)
            {
                var value = Parse<JsonElement>(line);
                if (value.ValueKind is JsonValueKind.Object)
                {
                    if (insert is not null) { await insert.DisposeAsync(); }
                    insert = await InsertIntoAsync(session, value);
                    continue;
                }
                if (insert is null || value.GetArrayLength() != insert.Parameters.Count) { throw new StorageException("The backup's rows do not go with its tables. Nothing was restored.", isFull: false); }
                var i = 0;
                foreach (var cell in value.EnumerateArray())
                {
                    var parameter = insert.Parameters[i++];
                    parameter.Value = ValueOf(cell, isFlag: parameter.SourceColumn == "flag");
                }
                await insert.ExecuteNonQueryAsync(session.CancellationToken);
                rows++;
            }
        }
        finally
        {
            if (insert is not null) { await insert.DisposeAsync(); }
        }
        return rows;
    }

    private static async Task<DbCommand> InsertIntoAsync(Session session, JsonElement description)
    {
        var table = description.GetProperty("table").GetString();
        var columns = description.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!).ToArray();
        if (table is null || !Migrations.Tables.Contains(table, StringComparer.Ordinal)) { throw new StorageException("The backup has a table that is not of this program. Nothing was restored.", isFull: false); }
        var kinds = await KindsAsync(session, table);
        if (columns.FirstOrDefault(column => !kinds.ContainsKey(column)) is { } unknown) { throw new StorageException($"The backup's table {table} has a column {unknown} that is not of this program. Nothing was restored.", isFull: false); }
        var insert = session.Connection.CreateCommand();
        insert.Transaction = session.Transaction;
        foreach (var column in columns)
        {
            var parameter = insert.CreateParameter();
            parameter.ParameterName = "@p" + insert.Parameters.Count.ToString(CultureInfo.InvariantCulture);
            parameter.SourceColumn = kinds[column] == "boolean" ? "flag" : "";
            insert.Parameters.Add(parameter);
        }
#pragma warning disable CA2100 // names that were compared with the program's own
        insert.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"@p{i}")))})";
#pragma warning restore CA2100
        return insert;
    }

    private static async Task<Dictionary<string, string>> KindsAsync(Session session, string table)
    {
        await using var command = session.Connection.CreateCommand();
        command.Transaction = session.Transaction;
#pragma warning disable CA2100 // a name from the program's own migrations
        command.CommandText = $"SELECT * FROM {table} WHERE 1 = 0";
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(session.CancellationToken);
        return Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, reader.GetDataTypeName, StringComparer.Ordinal);
    }

    private static object ValueOf(JsonElement cell, bool isFlag) => cell.ValueKind switch
    {
        JsonValueKind.Null => DBNull.Value,
        JsonValueKind.Number => isFlag ? cell.GetInt64() != 0 : cell.GetInt64(),
        JsonValueKind.True => isFlag ? true : 1L,
        JsonValueKind.False => isFlag ? false : 0L,
        JsonValueKind.String => cell.GetString()!,
        _ => cell.GetProperty("b").GetBytesFromBase64(),
    };

    private static T Parse<T>(string? line)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line ?? "", BackupHead.Json) ?? throw new JsonException();
        }
        catch (JsonException exception)
        {
            throw new StorageException("The backup cannot be read. Nothing was restored.", isFull: false, exception);
        }
    }
}
