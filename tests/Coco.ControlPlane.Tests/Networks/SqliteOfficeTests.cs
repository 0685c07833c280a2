namespace Coco.ControlPlane.Tests.Networks;

public sealed class SqliteOfficeTests : OfficeTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
