namespace Coco.ControlPlane.Tests.OAuth;

public sealed class PostgreSqlSecrecyTests(PostgreSqlServer server) : SecrecyTests
{
    internal override Task<TestPlane> StartAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server);
    }
}
