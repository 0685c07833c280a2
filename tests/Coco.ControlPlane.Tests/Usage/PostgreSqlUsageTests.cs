using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.Usage;

public sealed class PostgreSqlUsageTests(PostgreSqlServer server) : UsageTests
{
    internal override Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings>? change = null)
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server, change);
    }
}
