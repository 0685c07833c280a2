using Coco.ControlPlane.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Tests.Storage;

public sealed class SqliteDatabaseTests : DatabaseTests
{
    [Fact]
    public async Task A_second_instance_is_kept_out()
    {
        await using var plane = await StartAsync();

        var refused = await Assert.ThrowsAsync<StorageException>(() => Database.OpenAsync(plane.Settings.DatabaseLocation, NullLogger.Instance, DatabaseUse.Instance, default));

        Assert.Contains("PostgreSQL", refused.Message, StringComparison.Ordinal);
    }

    internal override Task<TestPlane> StartAsync() => TestPlane.StartAsync();
}
