namespace Coco.ControlPlane.Tests.Networks;

public sealed class PostgreSqlOfficeTests(PostgreSqlServer server) : OfficeTests
{
    internal override Task<TestPlane> StartAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server);
    }
}
