using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Settings;
using Coco.Traversal.Relays;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Usage;

/// <summary>When a network is warned, on either engine.</summary>
public abstract class UsageWarningTests(PostgreSqlServer? server) : PlaneTests(server)
{
    private protected override ControlPlaneSettings Settings(ControlPlaneSettings settings)
    {
        settings.Relaying.Plans["free"] = new() { BytesPerMonth = 1_000 };
        return settings;
    }

    [Theory]
    [InlineData(new long[] { 799 }, "")]
    [InlineData(new long[] { 800 }, "80")]
    [InlineData(new long[] { 5_000 }, "80 100")] // past both at once
    [InlineData(new long[] { 900, 100, 1 }, "80 100")]
    [InlineData(new long[] { 1_000, 1, 1 }, "80 100")]
    public async Task It_is_warned_once_at_each_mark_that_it_passes(long[] flushes, string marks)
    {
        var usage = Plane.Host.Services.GetRequiredService<UsageStore>();
        foreach (var (number, bytes) in flushes.Index()) { await usage.FlushAsync(new("run", number + 1, usage.Month, [new RelayUsage(default, "net", bytes, 0)]), default); }

        var events = await Plane.Database.ReadAsync(static session => UsageStore.EventsAsync(session, "net", 10), default);
        var warned = await Plane.Database.ReadAsync(static session => session.NumberAsync($"SELECT warned FROM network_usage"), default);

        Assert.Equal(marks, string.Join(' ', events.Select(static one => one.Percent).Order()));
        Assert.Equal(events.Select(static one => one.Percent).DefaultIfEmpty().Max(), warned);
    }
}
