namespace Coco.ControlPlane.Tests.OAuth;

public sealed class PostgreSqlAuthorizationTests(PostgreSqlServer server) : AuthorizationTests
{
    internal override Task<TestPlane> StartAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server);
    }
}
