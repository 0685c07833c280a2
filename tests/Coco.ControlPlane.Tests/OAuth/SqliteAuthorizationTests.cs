namespace Coco.ControlPlane.Tests.OAuth;

public sealed class SqliteAuthorizationTests : AuthorizationTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
