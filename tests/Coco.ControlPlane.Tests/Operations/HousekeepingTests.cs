using Coco.ControlPlane.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Operations;

public sealed class HousekeepingTests
{
    [Fact]
    public async Task Tokens_go_a_month_after_they_have_expired_and_not_before()
    {
        await using var plane = await TestPlane.StartAsync();
        var (_, token) = await plane.CreateAccountAsync();
        var housekeeping = plane.Host.Services.GetRequiredService<Housekeeping>();

        plane.Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(0, await housekeeping.SweepAsync(default));
        plane.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, await housekeeping.SweepAsync(default));

        Assert.Null(await plane.Database.ReadAsync(session => Tokens.TokenStore.FindAsync(session, token), default));
    }
}
