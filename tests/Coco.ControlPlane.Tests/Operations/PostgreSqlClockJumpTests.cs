using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.Operations;

public sealed class PostgreSqlClockJumpTests(PostgreSqlServer server) : ClockJumpTests
{
    internal override Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings>? change = null)
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server, change);
    }
}
