using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Relaying;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Relaying;

/// <summary>Where a control plane says that its relay is.</summary>
public sealed class RelayPlaceTests
{
    [Theory]
    [InlineData("127.0.0.1:0", null)]
    [InlineData("0.0.0.0:0", "192.0.2.1:4433")]
    public async Task Everybody_is_told_where_its_relay_is(string listens, string? told)
    {
        await using var plane = await TestPlane.StartAsync(change: settings => settings with { Relaying = new() { Listen = [listens], Addresses = told is null ? [] : [told] } });
        var relay = plane.Host.Services.GetRequiredService<RelayInstance>();

        var service = await plane.SendAsync<ServiceView>("GET", "/v1/service");

        Assert.Equal(relay.Info!.Id.ToString(), service.Relay!.Id);
        Assert.Equal(told ?? relay.Endpoint!.LocalEndPoints[0].ToString(), Assert.Single(service.Relay.Addresses));
    }

    [Fact]
    public async Task Where_there_is_none_nothing_is_told()
    {
        await using var plane = await TestPlane.StartAsync();

        Assert.Null((await plane.SendAsync<ServiceView>("GET", "/v1/service")).Relay);
    }
}
