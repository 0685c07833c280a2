namespace Coco.ControlPlane.Tests.Accounts;

public sealed class SqliteAccountTests : AccountTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
