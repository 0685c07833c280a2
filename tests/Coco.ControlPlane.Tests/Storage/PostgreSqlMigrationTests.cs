namespace Coco.ControlPlane.Tests.Storage;

public sealed class PostgreSqlMigrationTests(PostgreSqlServer server) : MigrationTests
{
    internal override async Task<string> LocationAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return "postgres:" + await server.CreateDatabaseAsync();
    }
}
