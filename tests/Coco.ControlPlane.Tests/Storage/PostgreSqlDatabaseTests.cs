namespace Coco.ControlPlane.Tests.Storage;

public sealed class PostgreSqlDatabaseTests(PostgreSqlServer server) : DatabaseTests
{
    internal override Task<TestPlane> StartAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server);
    }
}
