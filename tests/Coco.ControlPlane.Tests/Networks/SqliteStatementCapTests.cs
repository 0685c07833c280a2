using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.Networks;

public sealed class SqliteStatementCapTests : StatementCapTests
{
    internal override Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings>? change = null) => TestPlane.StartAsync(change: change);
}
