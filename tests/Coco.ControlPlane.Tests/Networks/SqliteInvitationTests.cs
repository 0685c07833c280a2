namespace Coco.ControlPlane.Tests.Networks;

public sealed class SqliteInvitationTests : InvitationTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
