namespace Coco.ControlPlane.Tests.Api;

public sealed class PostgreSqlAccessMatrixTests(PostgreSqlServer server) : AccessMatrixTests
{
    internal override Task<TestPlane> StartAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server);
    }
}
