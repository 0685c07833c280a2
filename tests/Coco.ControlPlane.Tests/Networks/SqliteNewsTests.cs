using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.Networks;

public sealed class SqliteNewsTests : NewsTests
{
    internal override Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings> change) => TestPlane.StartAsync(change: change);
}
