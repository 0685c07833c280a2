namespace Coco.ControlPlane.Tests.Api;

public sealed class SqliteAccessMatrixTests : AccessMatrixTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
