using System.Globalization;
using Coco.ControlPlane.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Tests.Storage;

/// <summary>Databases of earlier versions, with rows in all their tables, become those of this one and lose nothing. On either engine.</summary>
public abstract class MigrationTests
{
    // In every text of every table, so that what refers to another table finds it there.
    private static readonly string[] Values = ["x", "y"];

    /// <summary>What an older database may end with: every migration but the last.</summary>
    public static TheoryData<int> Prefixes => [.. Migrations.All.Select(static migration => migration.Version).SkipLast(1)];

    internal abstract Task<string> LocationAsync();

    [Theory]
    [MemberData(nameof(Prefixes))]
    public async Task An_older_database_is_brought_up_to_date_and_keeps_every_row(int last)
    {
        await using var database = await Database.OpenAsync(await LocationAsync(), NullLogger.Instance, DatabaseUse.Restore, default);
        await Migrations.ApplyAsync(database, NullLogger.Instance, last, default);
        var tables = await TablesAsync(database);
        await Assert.ThrowsAsync<StorageException>(() => Migrations.RequireAsync(database, default)); // it is an older one
        foreach (var table in Migrations.Tables.Where(tables.ContainsKey)) { await FillAsync(database, table, tables[table]); }
        var before = await DumpAsync(database, tables);

        await Migrations.ApplyAsync(database, NullLogger.Instance, int.MaxValue, default);

        await Migrations.RequireAsync(database, default);
        Assert.Equal(before, await DumpAsync(database, tables));
        Assert.All(before, static table => Assert.Equal(Values.Length, table.Value.Count));
        var after = await TablesAsync(database);
        Assert.Equal(await NewestAsync(), after.Select(static table => $"{table.Key}: {string.Join(", ", table.Value)}").Order(StringComparer.Ordinal));
        if (tables.ContainsKey("apps") && !tables.ContainsKey("app_counts"))
        {
            // What a migration works out from the rows that are there.
            Assert.Equal([("x", 1L), ("y", 1L)], await database.ReadAsync(static session => session.QueryAsync($"SELECT account, apps FROM app_counts ORDER BY account", static row => (row.Text("account"), row.Long("apps"))), default));
        }
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_database_as_it_was()
    {
        await using var database = await Database.OpenAsync(await LocationAsync(), NullLogger.Instance, DatabaseUse.Restore, default);
        await Migrations.ApplyAsync(database, NullLogger.Instance, Migrations.All[0].Version, default);
        // The name of a table that a later one makes is taken.
        await database.WriteAsync(static session => session.ExecuteAsync($"CREATE TABLE app_counts (x TEXT)"), default);
        var before = await TablesAsync(database);

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Migrations.ApplyAsync(database, NullLogger.Instance, int.MaxValue, default));
        Assert.Equal(before.Keys.Order(StringComparer.Ordinal), (await TablesAsync(database)).Keys.Order(StringComparer.Ordinal));

        await database.WriteAsync(static session => session.ExecuteAsync($"DROP TABLE app_counts"), default);
        await Migrations.ApplyAsync(database, NullLogger.Instance, int.MaxValue, default);
        await Migrations.RequireAsync(database, default);
    }

    // A database that was of this version from the beginning.
    private async Task<IEnumerable<string>> NewestAsync()
    {
        await using var database = await Database.OpenAsync(await LocationAsync(), NullLogger.Instance, DatabaseUse.Restore, default);
        await Migrations.ApplyAsync(database, NullLogger.Instance, int.MaxValue, default);
        return (await TablesAsync(database)).Select(static table => $"{table.Key}: {string.Join(", ", table.Value)}").Order(StringComparer.Ordinal);
    }

    // Columns with their types, of the tables that are there.
    private static async Task<Dictionary<string, string[]>> TablesAsync(Database database)
    {
        var tables = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var table in Migrations.Tables)
        {
            var columns = database.Kind is DatabaseKind.Sqlite
                ? await database.ReadAsync(session => session.QueryAsync($"SELECT name, type FROM pragma_table_info({table}) ORDER BY name", static row => $"{row.Text("name")} {row.Text("type")}"), default)
                : await database.ReadAsync(
                    session => session.QueryAsync(
                        $"SELECT column_name::text AS name, data_type::text AS type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = {table} ORDER BY column_name",
                        static row => $"{row.Text("name")} {row.Text("type")}"),
                    default);
            if (columns.Count > 0) { tables.Add(table, [.. columns]); }
        }
        return tables;
    }

    private static Task FillAsync(Database database, string table, string[] columns) => database.WriteAsync(
        async session =>
        {
            for (var i = 0; i < Values.Length; i++)
            {
                var text = $"INSERT INTO {table} ({string.Join(", ", columns.Select(static column => column.Split(' ')[0]))}) VALUES ({string.Join(", ", columns.Select(column => LiteralOf(column.Split(' ', 2)[1], i)))})";
                var statement = new SqlText(text.Length, 0);
                statement.AppendLiteral(text);
                await session.ExecuteAsync(statement);
            }
        },
        default);

    private static string LiteralOf(string type, int i) => type.ToUpperInvariant() switch
    {
        "TEXT" => $"'{Values[i]}'",
        "INTEGER" or "BIGINT" => (1_700_000_000_000 + i).ToString(CultureInfo.InvariantCulture),
        "BLOB" => $"X'0{i}FF'",
        "BYTEA" => $"'\\x0{i}ff'",
        "BOOLEAN" => i == 0 ? "TRUE" : "FALSE",
        var other => throw new InvalidOperationException(other),
    };

    private static async Task<Dictionary<string, List<string>>> DumpAsync(Database database, Dictionary<string, string[]> tables)
    {
        var dump = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (table, columns) in tables)
        {
            dump[table] = await database.ReadAsync(
                async session =>
                {
                    await using var command = session.Connection.CreateCommand();
                    command.CommandText = $"SELECT {string.Join(", ", columns.Select(static column => column.Split(' ')[0]))} FROM {table}";
                    await using var reader = await command.ExecuteReaderAsync();
                    var rows = new List<string>();
                    var row = new object[reader.FieldCount];
                    while (await reader.ReadAsync())
                    {
                        reader.GetValues(row);
                        rows.Add(string.Join('|', row.Select(static value => value is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture))));
                    }
                    rows.Sort(StringComparer.Ordinal);
                    return rows;
                },
                default);
        }
        return dump;
    }
}
