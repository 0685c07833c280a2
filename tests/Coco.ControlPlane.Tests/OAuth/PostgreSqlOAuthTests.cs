namespace Coco.ControlPlane.Tests.OAuth;

public sealed class PostgreSqlOAuthTests(PostgreSqlServer server) : OAuthTests
{
    internal override Task<TestPlane> StartAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server);
    }
}
