using System.Collections.Immutable;
using System.Net;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Networks;
using Coco.ControlPlane.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ProblemCode = Coco.ControlPlane.Client.ControlPlaneError;

namespace Coco.ControlPlane.Tests.Api;

/// <summary>Every operation for every kind of caller. What is to come out is written down here once more, by hand, and not derived from the code.</summary>
public abstract class AccessMatrixTests
{
    private const string UserNetwork = "user-network";
    private const string DeveloperNetwork = "developer-network";
    private const string ThatApp = "app_that";

    internal abstract Task<TestPlane> StartAsync();

    // What comes out for each caller in the order of Callers: P passes, U has to sign in (401), F may not (403), N is told that it is not there (404). Nothing of it comes from the code.
    // First the operations that are about no network, then those on a network of people (of "owner", with "admin" and "guest") and on one of a developer (of "that app").
    private const string Table = """
        registerAccount         -               P P P P P P P P P P P P
        confirmAccount          -               P P P P P P P P P P P P
        confirmEmail            -               P P P P P P P P P P P P
        askForPasswordReset     -               P P P P P P P P P P P P
        completePasswordReset   -               P P P P P P P P P P P P
        listApps                apps            U P P P P P F F F F F F
        createApp               apps            U P P P P P F F F F F F
        deleteApp               apps            U P N N N P N P N N N N
        getApp                  apps            U P N N N P N P N N N N
        updateApp               apps            U P N N N P N P N N N N
        listInstalls            installs:read   U P N N N P N P N N N N
        rotateAppSecret         apps            U P N N N P N P N N N N
        listWebhooks            webhooks        U P N N N P N P N N N N
        createWebhook           webhooks        U P N N N P N P N N N N
        deleteWebhook           webhooks        U P N N N P N P N N N N
        listDeliveries          webhooks        U P N N N P N P N N N N
        createChallenge         networks:write  U P P P P P F P P F F F
        createExternalToken     nodes:write     U F F F F F F P P F F F
        getInvitation           -               P P P P P P P P P P P P
        createJoinRequest       -               P P P P P P P P P P P P
        getJoinRequest          -               P P P P P P P P P P P P
        getMe                   account         U P P P P P F F F F F F
        deleteMe                -               U P P P P F F F F F F F
        askForEmail             -               U P P P P F F F F F F F
        listConsents            -               U P P P P F F F F F F F
        deleteConsent           -               U P P P P F F F F F F F
        listPasskeys            -               U P P P P F F F F F F F
        addPasskey              -               U P P P P F F F F F F F
        preparePasskey          -               U P P P P F F F F F F F
        deletePasskey           -               U P P P P F F F F F F F
        changePassword          -               U P P P P F F F F F F F
        listNetworks            networks:read   U P P P P P P P P F F F
        createNetwork           networks:write  U P P P P P F P P F F F
        getService              -               P P P P P P P P P P P P
        listSessions            -               U P P P P F F F F F F F
        createSession           -               P P P P P P P P P P P P
        createPasskeySession    -               P P P P P P P P P P P P
        preparePasskeySession   -               P P P P P P P P P P P P
        deleteSession           -               U P P P P F F F F F F F
        deleteNetwork           networks:write  U P F F N P N N N N N N   U N N N N N N P N N N N
        getNetwork              networks:read   U P P P N P N N N N N N   U N N N N N N P N N N N
        listControlPlanes       networks:read   U P P P N P N N N N N N   U N N N N N N P N N N N
        putControlPlanes        networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        listDelegates           networks:read   U P P F N P N N N N N N   U N N N N N N P N N N N
        createDelegate          networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        revokeDelegate          networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        listGrants              networks:read   U P P P N P N N N N N N   U N N N N N N P N N N N
        createGrant             networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        revokeGrant             networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        listInvitations         networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        createInvitation        networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        revokeInvitation        networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        createInvitationNote    -               U P P F N F N N N N N N   U N N N N N N F N N N N
        listJoinRequests        networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        answerJoinRequest       networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        linkUser                networks:write  U P P P P P F P P F F F   U P P P P P F P P F F F
        listNodes               nodes:read      U P P P N P N N N N N N   U N N N N N N P N P N N
        createNode              nodes:write     U P P F N P N N N N N N   U N N N N N N P N P N N
        destroyNode             nodes:write     U P P F N P N N N N N N   U N N N N N N P N N N N
        getNode                 nodes:read      U P P P N P N N N N N N   U N N N N N N P N P N N
        renameNode              nodes:write     U P P F N P N N N N N N   U N N N N N N P N N N N
        moveNode                nodes:write     U P P F N P N N N N N N   U N N N N N N P N N N N
        transferOwnership       networks:write  U P F F N P N N N N N N   U N N N N N N P N N N N
        setPlan                 -               U F F F F F F F F F F P   U F F F F F F F F F F P
        getPolicy               networks:read   U P P P N P N N N N N N   U N N N N N N P N N N N
        putPolicy               networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        recoverOwnership        networks:write  U P P P P P F P P F F F   U P P P P P F P P F F F
        setRecoveryKey          networks:write  U P F F N P N N N N N N   U N N N N N N P N N N N
        addRevocation           nodes:write     U P P F N P N N N N N N   U N N N N N N P N N N N
        listRoles               networks:read   U P P P N P N N N N N N   U N N N N N N P N N N N
        revokeRole              networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        grantRole               networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        getSettings             networks:read   U P P P N P N N N N N N   U N N N N N N P N N N N
        putSettings             networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        listStatements          networks:read   U P P P N P N N N N N N   U N N N N N N P N N N N
        addStatements           networks:write  U P P F N P N N N N N N   U N N N N N N P N N N N
        listSubClusters         nodes:read      U P P P N P N N N N N N   U N N N N N N P N N N N
        getUsage                usage:read      U P P F N P N N N N N N   U N N N N N N P N N N N
        listNodeUsage           usage:read      U P P F N P N N N N N N   U N N N N N N P N N N N
        """;

    [Fact]
    public void The_table_has_every_operation_once() => Assert.Equal(
        ControlPlane.Api.Operations.All.Select(static operation => operation.Id).Order(StringComparer.Ordinal), Rows.Select(static row => row.Operation).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_operation_lets_in_whom_the_table_says_and_nobody_else()
    {
        await using var plane = await SceneAsync();
        var callers = Callers();
        var wrong = new List<string>();
        var checks = 0;
        foreach (var row in Rows)
        {
            var operation = ControlPlane.Api.Operations.All.Single(one => one.Id == row.Operation);
            foreach (var (network, letters) in row.Outcomes)
            {
                Assert.Equal(callers.Count, letters.Length);
                foreach (var ((name, caller), letter) in callers.Zip(letters))
                {
                    var outcome = LetterOf(await TryAsync(plane, operation, caller, network));
                    if (outcome != letter) { wrong.Add($"{operation.Id} in {network} by {name}: {outcome}, not {letter}"); }
                    checks++;
                }
            }
        }

        Assert.Empty(wrong);
        Assert.True(checks > 1500, $"only {checks} checks");
        TestContext.Current.TestOutputHelper?.WriteLine($"{Rows.Length} operations, {callers.Count} callers, {checks} checks");
    }

    [Fact]
    public async Task Each_operation_asks_for_the_scope_that_the_table_says()
    {
        await using var plane = await SceneAsync();
        var all = Callers();
        foreach (var row in Rows)
        {
            var operation = ControlPlane.Api.Operations.All.Single(one => one.Id == row.Operation);
            foreach (var (network, letters) in row.Outcomes.Where(static outcome => outcome.Network != "no-network"))
            {
                // Apps that may, with every other scope and with this one alone. People's own sessions have no scopes.
                foreach (var (caller, _) in all.Zip(letters).Where(static one => one.Second == 'P' && one.First.Caller.Scopes.Count > 0))
                {
                    var own = caller.Caller.Scopes.Where(static scope => scope.StartsWith("network:", StringComparison.Ordinal));
                    var outcome = await TryAsync(plane, operation, caller.Caller with { Scopes = row.Scope == "-" ? [.. own] : caller.Caller.Scopes.Remove(row.Scope) }, network);
                    Assert.Equal((row.Operation, row.Scope == "-" ? null : ProblemCode.InsufficientScope), (row.Operation, outcome));
                    if (row.Scope != "-") { Assert.Null(await TryAsync(plane, operation, caller.Caller with { Scopes = [row.Scope, .. own] }, network)); }
                }
            }
        }
    }

    [Fact]
    public async Task Tokens_that_are_made_up_expired_taken_back_or_of_another_kind_open_nothing()
    {
        await using var plane = await SceneAsync();
        var now = plane.Time.GetUtcNow();
        // Each kind of token that holds somewhere, for those who may most.
        ImmutableHashSet<string> scopes = [.. ControlPlane.Apps.Scopes.All.Select(static scope => scope.Name), NetworkRoles.ScopeOf(DeveloperNetwork)];
        (TokenKind Kind, string? Account, string? App, string? User)[] holders =
        [
            (TokenKind.Session, "acc_owner", null, null), (TokenKind.Access, "acc_owner", "app_other", null), (TokenKind.Access, null, ThatApp, null),
            (TokenKind.ExternalUser, null, ThatApp, "u1"), (TokenKind.Operator, null, null, null),
        ];
        var refresh = await plane.IssueTokenAsync(new(Identifiers.New("tok"), TokenKind.Refresh, "acc_owner", ThatApp, null, scopes, now, now.AddDays(1)));
        var tokens = new List<string> { "", "x", "coco_st_made-up", new('a', 5000), refresh };
        foreach (var (kind, account, app, user) in holders)
        {
            Token Of(DateTimeOffset expires) => new(Identifiers.New("tok"), kind, account, app, user, scopes, now.AddHours(-1), expires);
            var (good, taken) = (await plane.IssueTokenAsync(Of(now.AddDays(1))), Of(now.AddDays(1)));
            Assert.NotNull(await plane.Host.Services.GetRequiredService<TokenStore>().ReadAsync(good, default)); // so that it is not refused for anything else
            tokens.AddRange([good[..^1], good + "a", good.ToUpperInvariant(), await plane.IssueTokenAsync(Of(now.AddSeconds(-1))), await plane.IssueTokenAsync(taken)]);
            await plane.Database.WriteAsync(session => plane.Host.Services.GetRequiredService<TokenStore>().RevokeAsync(session, taken.Id), default);
        }

        foreach (var operation in ControlPlane.Api.Operations.All)
        {
            var path = System.Text.RegularExpressions.Regex.Replace(operation.Path, @"\{[a-z]+\}", "x", System.Text.RegularExpressions.RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1));
            foreach (var token in tokens)
            {
                using var request = new HttpRequestMessage(new(operation.Method), path);
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
                using var answer = await plane.Http.SendAsync(request);
                Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized, $"{operation.Id} with {token[..Math.Min(12, token.Length)]}: {answer.StatusCode}");
            }
        }
    }

    [Fact]
    public void A_linked_cloud_lists_networks_and_nothing_else()
    {
        var cloud = Callers().FindIndex(static caller => caller.Name == "cloud for owner");
        // What everybody may use without a token is no matter of what a cloud may do.
        Assert.Equal(["listNetworks"], Rows.Where(row => row.Outcomes.Any(outcome => outcome.Letters[0] != 'P' && outcome.Letters[cloud] == 'P')).Select(static row => row.Operation));
    }

    private static ImmutableArray<(string Operation, string Scope, ImmutableArray<(string Network, string Letters)> Outcomes)> Rows { get; } = [.. Table.Split('\n').Select(Read)];

    private static (string Operation, string Scope, ImmutableArray<(string Network, string Letters)> Outcomes) Read(string line)
    {
        var cells = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var letters = string.Concat(cells[2..]);
        if (letters.Length == 12) { return (cells[0], cells[1], [(UserNetwork, letters)]); }
        var (people, developers) = (letters[..12], letters[12..]);
        // Who has no role anywhere finds no network that is not there; what needs no role says so later.
        return (cells[0], cells[1], [(UserNetwork, people), (DeveloperNetwork, developers), ("no-network", people == developers ? people : "UNNNNNNNNNNN")]);
    }

    private static char LetterOf(ProblemCode? outcome) => outcome switch
    {
        null => 'P',
        ProblemCode.Unauthenticated => 'U',
        ProblemCode.Forbidden => 'F',
        ProblemCode.NotFound => 'N',
        _ => '?',
    };

    // Through the very part that decides, so that what a handler says afterwards is not taken for it.
    private static async Task<ProblemCode?> TryAsync(TestPlane plane, Operation operation, Caller caller, string network)
    {
        var context = new DefaultHttpContext { RequestServices = plane.Host.Services };
        context.SetEndpoint(new Endpoint(null, new(operation), operation.Id));
        context.Features.Set(caller);
        context.Request.RouteValues = new RouteValueDictionary { ["network"] = network, ["app"] = ThatApp };
        var passed = false;
        var authorisation = new Authorisation(
            _ =>
            {
                passed = true;
                return Task.CompletedTask;
            },
            plane.Host.Services.GetRequiredService<INetworkRoles>());
        try
        {
            await authorisation.InvokeAsync(context);
            Assert.True(passed);
            return null;
        }
        catch (ApiException problem)
        {
            Assert.False(passed);
            return problem.Code;
        }
    }

    private static List<(string Name, Caller Caller)> Callers()
    {
        ImmutableHashSet<string> all = [.. ControlPlane.Apps.Scopes.All.Select(scope => scope.Name)];
        return
        [
            ("anonymous", Caller.Anonymous),
            ("owner", new(CallerKind.Account) { AccountId = "acc_owner" }),
            ("admin", new(CallerKind.Account) { AccountId = "acc_admin" }),
            ("guest", new(CallerKind.Account) { AccountId = "acc_guest" }),
            ("foreign person", new(CallerKind.Account) { AccountId = "acc_foreign" }),
            ("app for owner", new(CallerKind.Delegated) { AccountId = "acc_owner", AppId = "app_other", Scopes = all }),
            ("cloud for owner", new(CallerKind.Cloud) { AccountId = "acc_owner", AppId = "app_other", Scopes = all }),
            ("that app", new(CallerKind.App) { AppId = ThatApp, Scopes = all }),
            ("foreign app", new(CallerKind.App) { AppId = "app_other", Scopes = all }),
            ("external user", new(CallerKind.ExternalUser) { AppId = ThatApp, ExternalUserId = "u1", Scopes = all.Add(NetworkRoles.ScopeOf(DeveloperNetwork)) }),
            ("external user elsewhere", new(CallerKind.ExternalUser) { AppId = ThatApp, ExternalUserId = "u1", Scopes = all.Add(NetworkRoles.ScopeOf(UserNetwork)) }),
            ("operator", new(CallerKind.Operator)),
        ];
    }

    private async Task<TestPlane> SceneAsync()
    {
        var plane = await StartAsync();
        var now = plane.Time.GetUtcNow();
        await plane.Database.WriteAsync(
            async session =>
            {
                foreach (var name in (string[])["owner", "admin", "guest", "foreign"])
                {
                    await session.ExecuteAsync($"INSERT INTO accounts (id, email, created, version) VALUES ({"acc_" + name}, {name + "@example.org"}, {now}, 1)");
                }
                await session.ExecuteAsync($"INSERT INTO apps (id, owner_account, name, kind, created, version) VALUES ({ThatApp}, {"acc_owner"}, {"That"}, {"service"}, {now}, 1)");
                await session.ExecuteAsync($"INSERT INTO apps (id, owner_account, name, kind, created, version) VALUES ({"app_other"}, {"acc_foreign"}, {"Other"}, {"service"}, {now}, 1)");
                await session.ExecuteAsync($"INSERT INTO networks (id, kind, name, owner_account, created, version) VALUES ({UserNetwork}, {"user"}, {"Home"}, {"acc_owner"}, {now}, 1)");
                await session.ExecuteAsync($"INSERT INTO networks (id, kind, name, owner_app, created, version) VALUES ({DeveloperNetwork}, {"developer"}, {"Fleet"}, {ThatApp}, {now}, 1)");
                foreach (var (name, role) in ((string, NetworkRole)[])[("owner", NetworkRole.Owner), ("admin", NetworkRole.Admin), ("guest", NetworkRole.Guest)])
                {
                    await session.ExecuteAsync($"INSERT INTO network_people (network, account, role) VALUES ({UserNetwork}, {"acc_" + name}, {role.ToString()})");
                }
            },
            default);
        return plane;
    }
}
