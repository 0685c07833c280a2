namespace Coco.ControlPlane.Tests.Networks;

public sealed class PostgreSqlForeignNetworkTests(PostgreSqlServer server) : ForeignNetworkTests
{
    internal override Task<TestPlane> StartAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server);
    }
}
