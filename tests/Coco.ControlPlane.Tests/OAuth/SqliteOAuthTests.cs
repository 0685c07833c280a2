namespace Coco.ControlPlane.Tests.OAuth;

public sealed class SqliteOAuthTests : OAuthTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
