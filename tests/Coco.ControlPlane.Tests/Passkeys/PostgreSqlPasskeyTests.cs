namespace Coco.ControlPlane.Tests.Passkeys;

public sealed class PostgreSqlPasskeyTests(PostgreSqlServer server) : PasskeyTests
{
    internal override Task<TestPlane> StartAsync()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        return TestPlane.StartAsync(server);
    }
}
