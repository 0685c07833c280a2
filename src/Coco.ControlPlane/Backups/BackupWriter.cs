using System.Data.Common;
using System.Text.Json;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Backups;

/// <summary>Writes all tables as they were at one moment, while the instance goes on.</summary>
internal static class BackupWriter
{
    /// <summary>Writes a backup.</summary>
    /// <param name="database">Of which database.</param>
    /// <param name="secret">The secret that seals it.</param>
    /// <param name="path">A file that is not there yet. It has this name once it is whole and on disk.</param>
    /// <param name="cancellationToken">Ends it; there is no file then.</param>
    /// <returns>How many rows it has.</returns>
    /// <exception cref="StorageException">There is such a file already.</exception>
    public static async Task<long> WriteAsync(Database database, ServerSecret secret, string path, CancellationToken cancellationToken)
    {
        if (File.Exists(path)) { throw new StorageException($"{path} is there already. Nothing was written; choose another name.", isFull: false); }
        var temporary = path + ".part";
        try
        {
            long rows;
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; }
            using (var file = new FileStream(temporary, options))
            {
                using var box = new SealedWriter(file, secret);
                rows = await database.ReadSnapshotAsync(session => WriteTablesAsync(session, box), cancellationToken);
                box.Complete();
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: false);
            return rows;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static async Task<long> WriteTablesAsync(Session session, Stream output)
    {
        var versions = await session.QueryAsync($"SELECT version, hash FROM schema_versions ORDER BY version", row => new BackupMigration(row.Long("version"), row.Text("hash")));
        WriteLine(output, writer => JsonSerializer.Serialize(writer, new BackupHead(versions), BackupHead.Json));
        var rows = 0L;
        foreach (var table in Migrations.Tables) { rows += await WriteTableAsync(session, table, output); }
        return rows;
    }

    private static async Task<long> WriteTableAsync(Session session, string table, Stream output)
    {
        await using var command = session.Connection.CreateCommand();
#pragma warning disable CA2100 // a name from the program's own migrations
        command.CommandText = $"SELECT * FROM {table}";
#pragma warning restore CA2100
        command.Transaction = session.Transaction;
        await using var reader = await command.ExecuteReaderAsync(session.CancellationToken);
        WriteLine(output, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("table", table);
            writer.WriteStartArray("columns");
            for (var i = 0; i < reader.FieldCount; i++) { writer.WriteStringValue(reader.GetName(i)); }
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
        var rows = 0L;
        while (await reader.ReadAsync(session.CancellationToken))
        {
            WriteLine(output, writer => WriteRow(writer, reader));
            rows++;
        }
        return rows;
    }

    private static void WriteRow(Utf8JsonWriter writer, DbDataReader reader)
    {
        writer.WriteStartArray();
        for (var i = 0; i < reader.FieldCount; i++)
        {
            switch (reader.GetValue(i))
            {
                case DBNull: writer.WriteNullValue(); break;
                case long number: writer.WriteNumberValue(number); break;
                case int number: writer.WriteNumberValue(number); break;
                case bool flag: writer.WriteBooleanValue(flag); break;
                case string text: writer.WriteStringValue(text); break;
                case byte[] bytes:
                    writer.WriteStartObject();
                    writer.WriteBase64String("b", bytes);
                    writer.WriteEndObject();
                    break;
                case var other: throw new InvalidOperationException($"A column holds a {other.GetType().Name}, of which backups know nothing.");
            }
        }
        writer.WriteEndArray();
    }

    private static void WriteLine(Stream output, Action<Utf8JsonWriter> write)
    {
        using (var writer = new Utf8JsonWriter(output)) { write(writer); }
        output.Write("\n"u8);
    }
}
