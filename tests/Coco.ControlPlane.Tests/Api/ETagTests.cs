using System.Net;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Tests.Networks;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Api;

/// <summary>Who has seen the newest, on either engine.</summary>
public abstract class ETagTests(PostgreSqlServer? server) : PlaneTests(server)
{
    [Fact]
    public async Task A_node_whose_certificate_is_over_is_not_as_it_was_though_nobody_has_changed_its_row()
    {
        using var developer = await Developer.CreateAsync(Plane);
        using var key = IdentityKey.Generate();
        var fleet = await developer.FoundAsync();
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "van", key), new() { Expires = Plane.Time.GetUtcNow().AddHours(1) });
        var path = $"/v1/networks/{fleet.Network}/nodes/{key.Id}";

        using var seen = await Plane.SendAsync("GET", path, developer.Token);
        using var same = await Plane.SendAsync("GET", path, developer.Token, null, ("If-None-Match", seen.Headers.ETag!.ToString()));
        Plane.Time.Advance(TimeSpan.FromHours(2));
        using var later = await Plane.SendAsync("GET", path, developer.Token, null, ("If-None-Match", seen.Headers.ETag!.ToString()));

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NotModified, HttpStatusCode.OK], [seen.StatusCode, same.StatusCode, later.StatusCode]);
        Assert.Contains("\"status\":\"expired\"", await later.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_in_which_the_caller_is_something_else_now_is_not_as_it_was()
    {
        var (account, token) = await Plane.CreateAccountAsync();
        var now = Plane.Time.GetUtcNow();
        await Plane.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync($"INSERT INTO networks (id, kind, name, created, version) VALUES ({"net"}, {"user"}, {"Home"}, {now}, 1)");
                await session.ExecuteAsync($"INSERT INTO network_people (network, account, role) VALUES ({"net"}, {account}, {"Guest"})");
            },
            default);
        using var seen = await Plane.SendAsync("GET", "/v1/networks/net", token);
        await Plane.Database.WriteAsync(session => session.ExecuteAsync($"UPDATE network_people SET role = {"Admin"} WHERE account = {account}"), default);

        var later = await Plane.SendAsync<NetworkView>("GET", "/v1/networks/net", token, null, ("If-None-Match", seen.Headers.ETag!.ToString()));

        Assert.Equal("admin", later.Role);
    }

    [Fact]
    public async Task One_account_is_not_taken_for_another_of_the_same_version()
    {
        var ((_, one), (_, other)) = (await Plane.CreateAccountAsync(), await Plane.CreateAccountAsync());
        using var seen = await Plane.SendAsync("GET", "/v1/me", one);

        using var them = await Plane.SendAsync("GET", "/v1/me", other, null, ("If-None-Match", seen.Headers.ETag!.ToString()));

        Assert.Equal(HttpStatusCode.OK, them.StatusCode);
        Assert.Contains("Authorization", seen.Headers.Vary);
    }

    [Theory]
    [InlineData("\"1\"", 204)] // of before
    [InlineData("\"1-0000000000000000\"", 204)] // the row is what counts, and not what was computed beside it
    [InlineData("\"2\"", 412)]
    [InlineData("W/\"1\"", 412)]
    [InlineData("\"x\"", 412)]
    [InlineData("\"-1\"", 412)]
    public async Task Whoever_changes_something_has_seen_the_version_of_the_row(string tag, int status)
    {
        var (account, token) = await Plane.CreateAccountAsync();
        await Plane.Database.WriteAsync(
            session => session.ExecuteAsync($"INSERT INTO networks (id, kind, name, owner_account, created, version) VALUES ({"net"}, {"user"}, {"Home"}, {account}, {Plane.Time.GetUtcNow()}, 1)"), default);

        using var deleted = await Plane.SendAsync("DELETE", "/v1/networks/net", token, null, ("If-Match", tag));

        Assert.Equal(status, (int)deleted.StatusCode);
    }
}
