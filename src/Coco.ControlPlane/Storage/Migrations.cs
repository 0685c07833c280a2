using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Coco.ControlPlane.Storage;

/// <summary>
/// Brings tables up to date by the numbered files of <c>Storage/Migrations</c>, each once and in order. Statements end with a semicolon at the
/// end of a line. <c>{bytes}</c>, <c>{long}</c>, <c>{bool}</c> and <c>{strict}</c> stand for what the engines call differently. A file that was
/// applied is never changed afterwards: its hash is kept and compared.
/// </summary>
internal static partial class Migrations
{
    // Any number that nobody else uses in this database: instances that start together wait for each other.
    private const long AdvisoryLock = 0x636F636F_6D696772;

    public static IReadOnlyList<Migration> All { get; } = [.. Read()];

    /// <summary>Names of all tables but <c>schema_versions</c>, those that others refer to first.</summary>
    public static IReadOnlyList<string> Tables { get; } =
        [.. All.SelectMany(migration => migration.Statements).Select(statement => TableName().Match(statement)).Where(match => match.Success).Select(match => match.Groups["name"].Value)];

    /// <summary>Applies what is missing.</summary>
    /// <param name="database">To which database.</param>
    /// <param name="logger">Where it tells what it did.</param>
    /// <param name="last">The last one that is applied.</param>
    /// <param name="cancellationToken">Ends it; nothing is changed then.</param>
    public static async Task ApplyAsync(Database database, ILogger logger, int last, CancellationToken cancellationToken)
    {
        var applied = await database.WriteAsync(session => ApplyAsync(session, database.Kind, last), cancellationToken);
        foreach (var migration in applied) { StorageLog.Migrated(logger, migration.Version, migration.Name); }
    }

    /// <summary>Sees that the tables are those of this program.</summary>
    /// <exception cref="StorageException">They are not.</exception>
    public static async Task RequireAsync(Database database, CancellationToken cancellationToken)
    {
        var there = await database.ReadAsync(session => session.NumberAsync($"SELECT COUNT(*) FROM schema_versions"), cancellationToken);
        if (there != All.Count) { throw new StorageException("The database's tables are not those of this version. Start an instance of this version first; it brings them up to date.", isFull: false); }
    }

    /// <summary>Applies what is missing, in the caller's transaction.</summary>
    public static async Task<List<Migration>> ApplyAsync(Session session, DatabaseKind kind, int last)
    {
        if (kind is DatabaseKind.PostgreSql) { await session.ExecuteAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock})"); }
        await RunAsync(session, "CREATE TABLE IF NOT EXISTS schema_versions (version {long} PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL) {strict}", kind);
        var there = await session.QueryAsync($"SELECT version, name, hash FROM schema_versions ORDER BY version", row => (Version: row.Long("version"), Name: row.Text("name"), Hash: row.Text("hash")));
        foreach (var (version, name, hash) in there)
        {
            var known = All.FirstOrDefault(migration => migration.Version == version);
            if (known is null)
            {
                throw new StorageException($"The database has been used by a later version (migration {version} {name}). Start that version, or restore a backup from before.", isFull: false);
            }
            if (known.Hash != hash) { throw new StorageException($"Migration {version} {name} of the database is not the one of this program. This is no database of a released version.", isFull: false); }
        }
        var missing = All.Where(migration => migration.Version <= last && there.TrueForAll(one => one.Version != migration.Version)).ToList();
        foreach (var migration in missing)
        {
            foreach (var statement in migration.Statements) { await RunAsync(session, statement, kind); }
            await session.ExecuteAsync($"INSERT INTO schema_versions (version, name, hash) VALUES ({migration.Version}, {migration.Name}, {migration.Hash})");
        }
        return missing;
    }

    private static async Task RunAsync(Session session, string statement, DatabaseKind kind)
    {
        var text = new SqlText(statement.Length, 0);
        text.AppendLiteral(InDialect(statement, kind));
        await session.ExecuteAsync(text);
    }

    private static string InDialect(string statement, DatabaseKind kind)
    {
        var isSqlite = kind is DatabaseKind.Sqlite;
        return statement
            .Replace("{bytes}", isSqlite ? "BLOB" : "BYTEA", StringComparison.Ordinal)
            .Replace("{long}", isSqlite ? "INTEGER" : "BIGINT", StringComparison.Ordinal)
            .Replace("{bool}", isSqlite ? "INTEGER" : "BOOLEAN", StringComparison.Ordinal)
            .Replace("{strict}", isSqlite ? "STRICT" : "", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^CREATE TABLE (?<name>[a-z_]+) \(", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex TableName();

    private static IEnumerable<Migration> Read()
    {
        var assembly = typeof(Migrations).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var text = reader.ReadToEnd();
            var name = Path.GetFileNameWithoutExtension(resource);
            yield return new(
                int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture),
                name[5..],
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
                [.. text.Split(";\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)]);
        }
    }
}
