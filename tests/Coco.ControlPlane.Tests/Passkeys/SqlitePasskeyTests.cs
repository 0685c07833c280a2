namespace Coco.ControlPlane.Tests.Passkeys;

public sealed class SqlitePasskeyTests : PasskeyTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
