using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.OAuth;

public sealed class PostgreSqlTokenEndpointTests(PostgreSqlServer server) : TokenEndpointTests
{
    internal override Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings>? change = null)
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server, change);
    }
}
