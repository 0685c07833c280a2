namespace Coco.ControlPlane.Tests.Networks;

public sealed class SqliteUserNetworkTests : UserNetworkTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
