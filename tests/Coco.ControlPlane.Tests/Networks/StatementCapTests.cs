using Coco.Cluster;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Networks;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>A network has room for so many statements: an admin who fills it keeps the owner from nothing.</summary>
public abstract class StatementCapTests
{
    private const int Most = 12;

    internal abstract Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings>? change = null);

    [Fact]
    public async Task Who_floods_a_network_is_stopped_and_removed()
    {
        await using var plane = await StartAsync(static settings => settings with { Networks = settings.Networks with { MaxStatements = Most } });
        using var ownersKey = IdentityKey.Generate();
        using var floodersKey = IdentityKey.Generate();
        using var ownersHttp = plane.Connect();
        using var floodersHttp = plane.Connect();
        var (ownersToken, floodersToken) = ((await plane.CreateAccountAsync()).Token, (await plane.CreateAccountAsync()).Token);
        var floodersClient = new ControlPlaneClient(floodersHttp, _ => new(floodersToken));
        using var owner = await NetworkAuthority.CreateAsync(new(ownersHttp, _ => new(ownersToken)), ownersKey, new() { Name = "home" });
        await owner.GrantAsync(new UserId(floodersKey.Id), Role.Admin);
        await floodersClient.LinkUserAsync(owner.Network, floodersKey);
        using var flooder = await NetworkAuthority.OpenAsync(floodersClient, owner.Network, floodersKey);

        var stopped = await Assert.ThrowsAsync<ControlPlaneException>(async () =>
        {
            for (var i = 0; i <= Most; i++) { await flooder.SetPolicyAsync(Policy.Empty); }
        });
        var there = await CountAsync(plane.Database);
        await owner.RemoveAsync(new UserId(floodersKey.Id));
        var after = await Assert.ThrowsAsync<ControlPlaneException>(() => flooder.SynchroniseAsync());

        Assert.Equal((ControlPlaneError.PlanExceeded, (long)Most), (stopped.Code, there));
        Assert.Equal(Most + 1, await CountAsync(plane.Database));
        Assert.Equal(ControlPlaneError.NotFound, after.Code);
    }

    [Fact]
    public async Task A_request_has_so_many_and_takes_all_of_them_or_none()
    {
        await using var plane = await StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var fleet = await developer.FoundAsync();
        var before = await CountAsync(plane.Database);
        var known = (await developer.Client().ListStatementsAsync(fleet.Network)).Items[0].Statement;

        using var many = await plane.SendAsync("POST", $"/v1/networks/{fleet.Network}/statements", developer.Token, new AddStatementsRequest([.. Enumerable.Repeat(known, NetworkChanges.MaxBatch + 1)]));
        using var partly = await plane.SendAsync("POST", $"/v1/networks/{fleet.Network}/statements", developer.Token, new AddStatementsRequest([known, "AAAA"]));
        using var none = await plane.SendAsync("POST", $"/v1/networks/{fleet.Network}/statements", developer.Token, new AddStatementsRequest([]));

        Assert.Equal([400, 422, 422], new[] { many, partly, none }.Select(static answer => (int)answer.StatusCode));
        Assert.Equal(before, await CountAsync(plane.Database));
    }

    private static async Task<long> CountAsync(Database database) => await database.ReadAsync(static session => session.NumberAsync($"SELECT COUNT(*) FROM network_statements"), default) ?? 0;
}
