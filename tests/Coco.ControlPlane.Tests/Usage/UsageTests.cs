using System.Net;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Usage;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Tests.Networks;
using Coco.ControlPlane.Tests.Relaying;
using Coco.ControlPlane.Tokens;
using Coco.Traversal.Relays;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Usage;

public abstract class UsageTests
{
    internal abstract Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings>? change = null);

    [Fact]
    public async Task What_a_network_used_and_may_is_shown_by_months_and_nodes()
    {
        await using var plane = await StartAsync(settings => WithPlans(settings, free: new() { BytesPerMonth = 1_000, Networks = 2, Nodes = 7 }));
        using var developer = await Developer.CreateAsync(plane);
        var authority = await developer.FoundAsync();
        var (network, token) = (authority.Network.ToString(), await TokenAsync(plane, developer));
        var made = await authority.CertifyAsync(Developer.Information(authority.Network, "one"));
        var usage = plane.Host.Services.GetRequiredService<UsageStore>();
        await usage.FlushAsync(new("run", 1, usage.Month, [new RelayUsage(Crypto.NodeId.Parse(made.Node.Id), network, 800, 50)]), default);

        var view = await plane.SendAsync<UsageView>("GET", $"/v1/networks/{network}/usage", token);
        var nodes = await plane.SendAsync<Page<NodeUsageView>>("GET", $"/v1/networks/{network}/usage/nodes", token);
        var before = await plane.SendAsync<UsageView>("GET", $"/v1/networks/{network}/usage?month=2026-10", token);

        Assert.Equal(("2026-11", "free", 800L, 50L, 1_000L, 1L, 7L), (view.Month, view.Plan, view.RelayedBytes, view.ControlBytes, view.AllowedBytes, view.Nodes, view.AllowedNodes));
        Assert.Equal([(80L, 850L)], view.Warnings.Select(one => (one.Percent, one.UsedBytes)));
        Assert.Equal([new NodeUsageView(made.Node.Id, 800, 50)], nodes.Items);
        Assert.Equal((0L, 0L), (before.RelayedBytes, before.ControlBytes));
        using var wrong = await plane.SendAsync("GET", $"/v1/networks/{network}/usage?month=2026-13", token);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task A_plan_has_room_for_so_many_networks_and_nodes_and_an_operator_gives_another()
    {
        await using var plane = await StartAsync(settings => WithPlans(settings, free: new() { Networks = 1, Nodes = 1 }));
        using var developer = await Developer.CreateAsync(plane);
        var authority = await developer.FoundAsync();
        await authority.CertifyAsync(Developer.Information(authority.Network, "one"));

        var noNode = await Assert.ThrowsAsync<ControlPlaneException>(() => authority.CertifyAsync(Developer.Information(authority.Network, "two")));
        using var other = Crypto.IdentityKey.Generate();
        var noNetwork = await Assert.ThrowsAsync<ControlPlaneException>(() => developer.FoundAsync(key: other));
        Assert.Equal((ControlPlaneError.PlanExceeded, ControlPlaneError.PlanExceeded), (noNode.Code, noNetwork.Code));

        var now = plane.Time.GetUtcNow();
        var operation = await plane.IssueTokenAsync(new(Identifiers.New("tok"), TokenKind.Operator, null, null, null, [], now, now.AddHours(1)));
        var view = await plane.SendAsync<UsageView>("PUT", $"/v1/networks/{authority.Network}/plan", operation, new PlanRequest("large"));
        Assert.Equal(("large", 10L), (view.Plan, view.AllowedNodes));
        await authority.CertifyAsync(Developer.Information(authority.Network, "two"));
        await developer.FoundAsync(key: other);

        using var unknown = await plane.SendAsync("PUT", $"/v1/networks/{authority.Network}/plan", operation, new PlanRequest("endless"));
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        using var notAllowed = await plane.SendAsync("PUT", $"/v1/networks/{authority.Network}/plan", developer.Token, new PlanRequest("large"));
        Assert.Equal(HttpStatusCode.Forbidden, notAllowed.StatusCode);
    }

    [Fact]
    public async Task A_node_stays_in_the_network_that_named_it_first()
    {
        await using var plane = await StartAsync(settings => settings with { Relaying = settings.Relaying with { Listen = ["127.0.0.1:0"], DrainTime = TimeSpan.Zero } });
        var terms = plane.Host.Services.GetRequiredService<RelayTermsTable>();
        using var developer = await Developer.CreateAsync(plane);
        using var stranger = await Developer.CreateAsync(plane);
        using var key = Crypto.IdentityKey.Generate();
        var (authority, foreign) = (await developer.FoundAsync(), await stranger.FoundAsync());
        await authority.CertifyAsync(Developer.Information(authority.Network, "van", key));

        await RelayScene.UntilAsync(() => terms.TermsOf(key.Id).Network == authority.Network.ToString());
        using var other = Crypto.IdentityKey.Generate();

        await foreign.CertifyAsync(Developer.Information(foreign.Network, "van", key)); // has it in its book, and is told no more
        await foreign.CertifyAsync(Developer.Information(foreign.Network, "cart", other));

        await RelayScene.UntilAsync(() => terms.TermsOf(other.Id).Network == foreign.Network.ToString());
        Assert.Equal(authority.Network.ToString(), terms.TermsOf(key.Id).Network);
        await authority.DestroyAsync(key.Id);
        await RelayScene.UntilAsync(() => terms.TermsOf(key.Id).Network == foreign.Network.ToString()); // it agreed to this one, too
        await foreign.DestroyAsync(key.Id);
        await RelayScene.UntilAsync(() => terms.TermsOf(key.Id).Refusal is not null);
    }

    private static ControlPlaneSettings WithPlans(ControlPlaneSettings settings, PlanSettings free)
    {
        settings.Relaying.Plans["free"] = free;
        settings.Relaying.Plans["large"] = new() { Networks = 10, Nodes = 10 };
        return settings;
    }

    private static Task<string> TokenAsync(TestPlane plane, Developer developer)
    {
        var now = plane.Time.GetUtcNow();
        return plane.IssueTokenAsync(new(Identifiers.New("tok"), TokenKind.Access, null, developer.App, null, [ControlPlane.Apps.Scopes.UsageRead], now, now.AddHours(1)));
    }
}
