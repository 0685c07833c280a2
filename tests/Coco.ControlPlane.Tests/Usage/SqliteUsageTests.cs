using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.Usage;

public sealed class SqliteUsageTests : UsageTests
{
    internal override Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings>? change = null) => TestPlane.StartAsync(null, change);
}
