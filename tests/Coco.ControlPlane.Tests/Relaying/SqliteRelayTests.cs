namespace Coco.ControlPlane.Tests.Relaying;

public sealed class SqliteRelayTests : RelayInstanceTests
{
    internal override Task<RelayScene> StartAsync(TimeSpan flushInterval, params (string Name, long BytesPerMonth)[] plans) => RelayScene.StartAsync(null, flushInterval, plans);
}
