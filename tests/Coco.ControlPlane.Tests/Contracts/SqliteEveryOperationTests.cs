using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.Contracts;

public sealed class SqliteEveryOperationTests : EveryOperationTests
{
    internal override Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings> change) => TestPlane.StartAsync(null, change);
}
