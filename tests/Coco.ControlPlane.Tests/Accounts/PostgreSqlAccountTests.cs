namespace Coco.ControlPlane.Tests.Accounts;

public sealed class PostgreSqlAccountTests(PostgreSqlServer server) : AccountTests
{
    internal override Task<TestPlane> StartAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server);
    }
}
