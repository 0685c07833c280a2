namespace Coco.ControlPlane.Tests.OAuth;

public sealed class SqliteSecrecyTests : SecrecyTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
