using System.Net;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Tests.Networks;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Api;

/// <summary>Who has seen the newest, on either engine.</summary>
public abstract class ETagTests(PostgreSqlServer? server) : IAsyncLifetime
{
    private TestPlane _plane = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(server is null || PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        _plane = await TestPlane.StartAsync(server);
    }

    public async ValueTask DisposeAsync()
    {
        if (_plane is not null) { await _plane.DisposeAsync(); }
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_node_whose_certificate_is_over_is_not_as_it_was_though_nobody_has_changed_its_row()
    {
        using var developer = await Developer.CreateAsync(_plane);
        using var key = IdentityKey.Generate();
        var fleet = await developer.FoundAsync();
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "van", key), new() { Expires = _plane.Time.GetUtcNow().AddHours(1) });
        var path = $"/v1/networks/{fleet.Network}/nodes/{key.Id}";

        using var seen = await _plane.SendAsync("GET", path, developer.Token);
        using var same = await _plane.SendAsync("GET", path, developer.Token, null, ("If-None-Match", seen.Headers.ETag!.ToString()));
        _plane.Time.Advance(TimeSpan.FromHours(2));
        using var later = await _plane.SendAsync("GET", path, developer.Token, null, ("If-None-Match", seen.Headers.ETag!.ToString()));

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NotModified, HttpStatusCode.OK], [seen.StatusCode, same.StatusCode, later.StatusCode]);
        Assert.Contains("\"status\":\"expired\"", await later.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_in_which_the_caller_is_something_else_now_is_not_as_it_was()
    {
        var (account, token) = await _plane.CreateAccountAsync();
        var now = _plane.Time.GetUtcNow();
        await _plane.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync($"INSERT INTO networks (id, kind, name, created, version) VALUES ({"net"}, {"user"}, {"Home"}, {now}, 1)");
                await session.ExecuteAsync($"INSERT INTO network_people (network, account, role) VALUES ({"net"}, {account}, {"Guest"})");
            },
            default);
        using var seen = await _plane.SendAsync("GET", "/v1/networks/net", token);
        await _plane.Database.WriteAsync(session => session.ExecuteAsync($"UPDATE network_people SET role = {"Admin"} WHERE account = {account}"), default);

        var later = await _plane.SendAsync<NetworkView>("GET", "/v1/networks/net", token, null, ("If-None-Match", seen.Headers.ETag!.ToString()));

        Assert.Equal("admin", later.Role);
    }

    [Fact]
    public async Task One_account_is_not_taken_for_another_of_the_same_version()
    {
        var ((_, one), (_, other)) = (await _plane.CreateAccountAsync(), await _plane.CreateAccountAsync());
        using var seen = await _plane.SendAsync("GET", "/v1/me", one);

        using var them = await _plane.SendAsync("GET", "/v1/me", other, null, ("If-None-Match", seen.Headers.ETag!.ToString()));

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
        var (account, token) = await _plane.CreateAccountAsync();
        await _plane.Database.WriteAsync(
            session => session.ExecuteAsync($"INSERT INTO networks (id, kind, name, owner_account, created, version) VALUES ({"net"}, {"user"}, {"Home"}, {account}, {_plane.Time.GetUtcNow()}, 1)"), default);

        using var deleted = await _plane.SendAsync("DELETE", "/v1/networks/net", token, null, ("If-Match", tag));

        Assert.Equal(status, (int)deleted.StatusCode);
    }
}
