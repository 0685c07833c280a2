namespace Coco.ControlPlane.Tests.Apps;

public sealed class SqliteAppTests : AppTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
