namespace Coco.ControlPlane.Tests.Networks;

public sealed class SqliteForeignNetworkTests : ForeignNetworkTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
