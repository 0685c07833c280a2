using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.Networks;

public sealed class PostgreSqlNewsTests(PostgreSqlServer server) : NewsTests
{
    internal override Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings> change)
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server, change);
    }
}
