using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.Contracts;

public sealed class PostgreSqlEveryOperationTests(PostgreSqlServer server) : EveryOperationTests
{
    internal override Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings> change)
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server, change);
    }
}
