using System.Buffers.Text;
using System.Net;
using Coco.Cluster;
using Coco.Cluster.Grants;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Cluster.Statements;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Tests.Networks;
using Coco.ControlPlane.Tests.Passkeys;
using Coco.ControlPlane.Tokens;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Contracts;

/// <summary>All operations, used as clients use them: each answers with every status that the document declares for it, and as declared. On either engine.</summary>
public abstract class EveryOperationTests
{
    private const string Password = "a difference engine";

    private static readonly string[] FleetScopes = ["networks:read", "networks:write", "nodes:read", "nodes:write", "usage:read", "webhooks", "installs:read"];

    internal abstract Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings> change);

    [Fact]
    public async Task Each_operation_answers_with_every_status_that_the_document_declares_and_as_it_declares()
    {
        await using var plane = await StartAsync(static settings => settings with { Webhooks = new() { AllowsPrivateTargets = true } });
        using var scene = new Scene(plane, new());
        var contract = await scene.Handler.ContractOfAsync(plane.Http.BaseAddress!, default);

        await UseAllAsync(scene);
        await scene.RefuseTokensAsync();
        await UseTooOftenAsync(scene.Handler);

        var declared = contract.Declared.Where(static one => one.Status != "default").ToHashSet();
        Assert.Equal(ControlPlane.Api.Operations.All.Select(static operation => operation.Id).Order(StringComparer.Ordinal), declared.Select(static one => one.Operation).Distinct().Order(StringComparer.Ordinal));
        // Refusals besides these are many, and made by the tests of what is refused; that no answer in any of those is one that is not declared, the judge sees.
        Assert.Empty(declared.Where(static one => one.Status is ['2' or '3', ..] or "401" or "412" or "428" or "429").Except(scene.Handler.Judged.Keys));
        TestContext.Current.TestOutputHelper?.WriteLine($"{ControlPlane.Api.Operations.All.Length} operations, {declared.Count} answers declared, {scene.Handler.Judged.Values.Sum()} answers judged");
    }

    [Fact]
    public async Task No_operation_takes_a_body_with_a_member_that_its_contract_does_not_name()
    {
        await using var plane = await StartAsync(static settings => settings with { Webhooks = new() { AllowsPrivateTargets = true } });
        var contract = await new ContractHandler().ContractOfAsync(plane.Http.BaseAddress!, default);
        var probed = await ProbeAsync(plane, new OtherMembersHandler());

        Assert.Empty(ControlPlane.Api.Operations.All.Where(operation => contract.TakesBody(operation.Method, operation.Path)).Select(static operation => operation.Id).Except(probed));
    }

    [Fact]
    public async Task Every_list_is_the_same_page_by_page()
    {
        await using var plane = await StartAsync(static settings => settings with { Webhooks = new() { AllowsPrivateTargets = true } });
        var probed = await ProbeAsync(plane, new PageByPageHandler());

        Assert.Superset(new HashSet<string>(["listNodes", "listRoles", "listInvitations", "listStatements", "listSubClusters"]), probed.ToHashSet());
    }

    [Fact]
    public async Task Whatever_is_repeated_under_its_key_happens_once_and_nothing_else_is_taken_for_it()
    {
        await using var plane = await StartAsync(static settings => settings with { Webhooks = new() { AllowsPrivateTargets = true } });
        var contract = await new ContractHandler().ContractOfAsync(plane.Http.BaseAddress!, default);
        var probed = await ProbeAsync(plane, new RepeatingHandler(contract));

        Assert.Empty(ControlPlane.Api.Operations.All.Where(operation => operation.Access is not Access.Anyone && contract.Takes(operation.Method, operation.Path, "Idempotency-Key")).Select(static operation => operation.Id).Except(probed));
    }

    private static async Task<IReadOnlySet<string>> ProbeAsync(TestPlane plane, ProbeHandler handler)
    {
        using var scene = new Scene(plane, new(handler));
        await UseAllAsync(scene);
        TestContext.Current.TestOutputHelper?.WriteLine($"{handler.Probed.Count} operations");
        return handler.Probed;
    }

    private static async Task UseAllAsync(Scene scene)
    {
        await UseAccountAsync(scene);
        await UsePasskeysAsync(scene);
        var (app, fleet) = await UseAppsAsync(scene);
        await UseNodesAsync(scene, fleet);
        await UseOfficesAsync(scene, fleet);
        await UseServicesAsync(scene, app, fleet);
        await UsePersonsNetworkAsync(scene);
    }

    private static async Task UseAccountAsync(Scene scene)
    {
        var anybody = scene.Client(null);
        await anybody.GetServiceAsync();
        await anybody.RegisterAccountAsync(new("ada@example.org", Password));
        var first = await anybody.ConfirmAccountAsync(new(await scene.CodeAsync(), Password));
        await anybody.AskForPasswordResetAsync(new("ada@example.org"));
        await anybody.CompletePasswordResetAsync(new(await scene.CodeAsync(), Password + "!"));
        Assert.Equal(ControlPlaneError.Unauthenticated, await scene.RefusedAsync(() => scene.Client(first.Token).GetMeAsync()));
        Assert.Equal(ControlPlaneError.Unauthenticated, await scene.RefusedAsync(() => anybody.CreateSessionAsync(new("ada@example.org", Password))));

        var session = await anybody.CreateSessionAsync(new("ada@example.org", Password + "!"));
        var ada = scene.Client(session.Token);
        await ada.ChangePasswordAsync(new(Password + "!", Password));
        await ada.AskForEmailAsync(new("countess@example.org", Password));
        await ada.ConfirmEmailAsync(new(await scene.CodeAsync()));
        Assert.Equal("countess@example.org", (await ada.GetMeAsync()).Email);
        await scene.CompareVersionsAsync();
        Assert.True(Assert.Single((await ada.ListSessionsAsync()).Items).IsCurrent);
        await ada.DeleteSessionAsync("current");
        var again = scene.Client((await anybody.CreateSessionAsync(new("countess@example.org", Password))).Token);
        await again.DeleteMeAsync(new(Password));
        Assert.Equal(ControlPlaneError.Unauthenticated, await scene.RefusedAsync(() => again.GetMeAsync()));
    }

    private static async Task UsePasskeysAsync(Scene scene)
    {
        var anybody = scene.Client(null);
        await anybody.RegisterAccountAsync(new("grace@example.org", Password));
        var grace = scene.Client((await anybody.ConfirmAccountAsync(new(await scene.CodeAsync(), Password))).Token);
        using var key = new Authenticator(scene.Plane.Http.BaseAddress!.ToString().TrimEnd('/'), isEd25519: true);

        var added = await grace.AddPasskeyAsync(key.Make(await grace.PreparePasskeyAsync(new(Password))));
        Assert.Equal(added.Id, Assert.Single((await grace.ListPasskeysAsync()).Items).Id);
        Assert.NotEmpty((await anybody.CreatePasskeySessionAsync(key.Sign(await anybody.PreparePasskeySessionAsync()))).Token);
        await grace.DeletePasskeyAsync(added.Id);
        Assert.Empty((await grace.ListPasskeysAsync()).Items);
    }

    private static async Task<(string App, NetworkAuthority Fleet)> UseAppsAsync(Scene scene)
    {
        var (account, token) = await scene.Plane.CreateAccountAsync();
        var developer = scene.Client(token);
        var made = await developer.CreateAppAsync(new("Vans", AppKind.Service, [], FleetScopes));
        var seen = await developer.GetAppAsync(made.App.Id);
        Assert.Equal((made.App.Id, AppKind.Service, 1L), (seen.Id, seen.Kind, seen.Version));
        await scene.CompareVersionsAsync();
        var changed = await developer.UpdateAppAsync(seen.Id, new("Fleet", [], FleetScopes), seen.Version);
        Assert.Equal(("Fleet", 2L), (changed.Name, changed.Version));
        Assert.Equal(ControlPlaneError.VersionMismatch, await scene.RefusedAsync(() => developer.UpdateAppAsync(seen.Id, new("Lorries", [], []), seen.Version)));
        using var careless = await scene.SendAsync("PUT", "/v1/apps/" + seen.Id, token, new AppChange("Lorries", [], []));
        Assert.Equal(HttpStatusCode.PreconditionRequired, careless.StatusCode);
        Assert.NotEqual(made.Secret, (await developer.RotateAppSecretAsync(seen.Id, new())).Secret);
        await developer.DeleteAppAsync((await developer.CreateAppAsync(new("Other", AppKind.Native))).App.Id);
        Assert.Equal("Fleet", Assert.Single((await developer.ListAppsAsync()).Items).Name);

        var now = scene.Plane.Time.GetUtcNow();
        await scene.Plane.Database.WriteAsync(session => session.ExecuteAsync($"INSERT INTO consents (account_id, app_id, scopes, given) VALUES ({account}, {seen.Id}, {"openid email"}, {now})"), default);
        Assert.Equal((seen.Id, "Fleet", "openid email", now), Assert.Single((await developer.ListConsentsAsync()).Items) is var given ? (given.App, given.Name, string.Join(' ', given.Scopes), given.Given) : default);
        await developer.DeleteConsentAsync(seen.Id);
        scene.FleetToken = await scene.Plane.IssueTokenAsync(new(Identifiers.New("tok"), TokenKind.Access, null, seen.Id, null, [.. FleetScopes], now, now.AddDays(1)));
        return (seen.Id, scene.Own(await NetworkAuthority.CreateAsync(scene.Client(scene.FleetToken), scene.FleetKey, new() { Name = "fleet" })));
    }

    private static async Task UseNodesAsync(Scene scene, NetworkAuthority fleet)
    {
        var client = scene.Client(scene.FleetToken);
        var (van, car) = (scene.Own(IdentityKey.Generate()), scene.Own(IdentityKey.Generate()));
        var made = await fleet.CertifyAsync(Developer.Information(fleet.Network, "van", van));
        Assert.Equal(made.Node, await client.CreateNodeAsync(fleet.Network, new(made.Node.Certificate))); // which is there: 200
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "car", car));
        await fleet.RenameAsync(van.Id, "lorry");
        await fleet.MoveAsync(van.Id, new("north"));
        Assert.Equal(("lorry", "north"), (await client.GetNodeAsync(fleet.Network, van.Id)) is var seen ? (seen.Name, seen.SubCluster) : default);
        Assert.Equal(2, (await client.ListNodesAsync(fleet.Network)).Items.Count);
        Assert.Contains((await client.ListSubClustersAsync(fleet.Network)).Items, static part => part.Name == "north");
        await client.GetNetworkAsync(fleet.Network);
        Assert.Single((await client.ListNetworksAsync()).Items);
        await scene.CompareVersionsAsync();

        await fleet.DestroyAsync(van.Id);
        await fleet.SynchroniseAsync();
        await client.AddRevocationAsync(fleet.Network, scene.Signed(fleet, new StatementBody.Revoke(RevokeKind.Node, StatementBody.Revoke.SubjectOf(car.Id), default, Keep.None)));
        Assert.Empty((await client.ListNodesAsync(fleet.Network)).Items);
    }

    private static async Task UseOfficesAsync(Scene scene, NetworkAuthority fleet)
    {
        var (client, helper, other) = (scene.Client(scene.FleetToken), scene.Own(IdentityKey.Generate()), scene.Own(IdentityKey.Generate()));
        await fleet.GrantAsync(new UserId(helper.Id), Role.Admin);
        Assert.Equal(2, (await client.ListRolesAsync(fleet.Network)).Items.Count);
        await fleet.RemoveAsync(new UserId(helper.Id));
        var made = await fleet.DelegateAsync(other.Id);
        Assert.Single((await client.ListDelegatesAsync(fleet.Network)).Items);
        await fleet.RevokeDelegateAsync(made);
        Assert.True(ResourcePattern.TryParse("home/door/#", out var doors));
        var grant = await fleet.GrantAsync(ResourceGrant.ToUser(fleet.User, doors, ["open"]));
        Assert.Single((await client.ListGrantsAsync(fleet.Network)).Items);
        await fleet.RevokeGrantAsync(grant);
        Assert.True(Policy.TryParse("coco policy 1\nallow service ssh from role admin", out var policy, out _));
        await fleet.SetPolicyAsync(policy);
        Assert.Equal(policy.ToString(), (await client.GetPolicyAsync(fleet.Network)).Text);
        await fleet.RenameAsync("vans");
        await fleet.SynchroniseAsync();
        await client.AddStatementsAsync(fleet.Network, new([Base64Url.EncodeToString(scene.Signed(fleet, new StatementBody.GrantRole(new(other.Id), Role.Guest, [])).Span)]));
        Assert.Equal("vans", (await client.GetSettingsAsync(fleet.Network)).Name);
        await fleet.SetControlPlanesAsync([new(other.Id, [], "wss://relay.example", new("https://control.example"))]);
        Assert.Single((await client.ListControlPlanesAsync(fleet.Network)).Items);
    }

    private static async Task UseServicesAsync(Scene scene, string app, NetworkAuthority fleet)
    {
        var (client, now) = (scene.Client(scene.FleetToken), scene.Plane.Time.GetUtcNow());
        var hook = await client.CreateWebhookAsync(app, new("https://127.0.0.1:1/", ["node.created"]));
        Assert.Single((await client.ListWebhooksAsync(app)).Items);
        await client.ListDeliveriesAsync(app, hook.Id);
        await client.DeleteWebhookAsync(app, hook.Id);
        await client.ListInstallsAsync(app);
        var made = await client.CreateExternalTokenAsync(new("user-7", fleet.Network.ToString(), now.AddHours(1), ["nodes:read"]));
        Assert.Empty((await scene.Client(made.Token).ListNodesAsync(fleet.Network)).Items);
        var operation = await scene.Plane.IssueTokenAsync(new(Identifiers.New("tok"), TokenKind.Operator, null, null, null, [], now, now.AddHours(1)));
        Assert.Equal("free", (await scene.Client(operation).SetPlanAsync(fleet.Network, new("free"))).Plan);
        await client.GetUsageAsync(fleet.Network);
        await client.ListNodeUsageAsync(fleet.Network);
    }

    private static async Task UsePersonsNetworkAsync(Scene scene)
    {
        var (_, token) = await scene.Plane.CreateAccountAsync("ida@example.org");
        var (ida, key) = (scene.Client(token), scene.Own(IdentityKey.Generate()));
        var home = scene.Own(await NetworkAuthority.CreateAsync(ida, key, new() { Name = "home" }));
        Assert.Equal("owner", (await ida.LinkUserAsync(home.Network, key)).Role);
        var (link, second) = (await home.InviteAsync(), await home.InviteAsync());
        await ida.CreateInvitationNoteAsync(home.Network, link.Invitation, "guest@example.com");
        var newcomer = scene.Client(null);
        Assert.Equal("open", (await newcomer.GetInvitationAsync(link.Invitation)).State);
        var asked = await newcomer.AskToJoinAsync(link, Developer.Information(home.Network, "phone"));
        Assert.Equal("waiting", (await newcomer.GetJoinRequestAsync(link.Invitation, asked.Id)).State);
        Assert.NotNull(await home.AnswerAsync(link));
        await ida.RevokeInvitationAsync(home.Network, second.Invitation);
        Assert.Equal(2, (await ida.ListInvitationsAsync(home.Network)).Items.Count);

        var (heir, victim) = (scene.Own(IdentityKey.Generate()), scene.Own(IdentityKey.Generate()));
        var recovery = await home.SetRecoveryKeyAsync(home.RecoveryKey);
        await home.TransferOwnershipAsync(heir);
        var taken = scene.Own(await NetworkAuthority.OpenAsync(ida, home.Network, victim));
        await taken.RecoverAsync(recovery);
        using var late = await scene.SendAsync("DELETE", "/v1/networks/" + home.Network, token, null, ("If-Match", "\"0\""));
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        await ida.DeleteNetworkAsync(home.Network);
        Assert.Equal(ControlPlaneError.NotFound, await scene.RefusedAsync(() => ida.GetNetworkAsync(home.Network)));
    }

    // At another control plane, which takes few requests.
    private async Task UseTooOftenAsync(ContractHandler handler)
    {
        await using var plane = await StartAsync(static settings => settings with { Rates = new() { CallerPerSecond = 1, AnonymousPerSecond = 1, CredentialsPerMinute = 1 } });
        using var scene = new Scene(plane, handler);
        foreach (var operation in ControlPlane.Api.Operations.All)
        {
            var status = HttpStatusCode.OK;
            for (var attempt = 0; attempt < 50 && status is not HttpStatusCode.TooManyRequests; attempt++)
            {
                using var response = await scene.SendAsync(operation.Method, Scene.PathOf(operation), null, operation.Method is "GET" or "DELETE" ? null : new { });
                status = response.StatusCode;
            }
            Assert.True(status is HttpStatusCode.TooManyRequests, $"{operation.Id} is taken as often as one likes");
        }
    }
}
