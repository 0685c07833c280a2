namespace Coco.ControlPlane.Tests.Apps;

public sealed class PostgreSqlAppTests(PostgreSqlServer server) : AppTests
{
    internal override Task<TestPlane> StartAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server);
    }
}
