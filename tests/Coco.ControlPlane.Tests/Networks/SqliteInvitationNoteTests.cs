namespace Coco.ControlPlane.Tests.Networks;

public sealed class SqliteInvitationNoteTests : InvitationNoteTests
{
    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
