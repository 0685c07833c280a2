using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.Networks;

public sealed class PostgreSqlStatementCapTests(PostgreSqlServer server) : StatementCapTests
{
    internal override Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings>? change = null)
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server, change);
    }
}
