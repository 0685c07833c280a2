namespace Coco.ControlPlane.Tests.Networks;

public sealed class SqliteRegistrationTests : RegistrationTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
