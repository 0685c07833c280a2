namespace Coco.ControlPlane.Tests.Networks;

public sealed class SqliteDeveloperNetworkTests : DeveloperNetworkTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
