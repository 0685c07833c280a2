using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.OAuth;

public sealed class SqliteTokenEndpointTests : TokenEndpointTests
{
    internal override Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings>? change = null) => TestPlane.StartAsync(null, change);
}
