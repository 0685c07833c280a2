using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.Operations;

public sealed class SqliteClockJumpTests : ClockJumpTests
{
    internal override Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings>? change = null) => TestPlane.StartAsync(change: change);
}
