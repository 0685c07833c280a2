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
public sealed class AccessMatrixTests
{
    private const string UserNetwork = "user-network";
    private const string DeveloperNetwork = "developer-network";
    private const string ThatApp = "app_that";

    // Who passes, by rows of the table. All others do not: 401 without a token, else 403 or 404.
    private static readonly Dictionary<Access, string[]> Passes = new()
    {
        [Access.Anyone] = ["anonymous", "owner", "admin", "guest", "foreign person", "app for owner", "that app", "foreign app", "external user", "external user elsewhere", "operator"],
        [Access.Account] = ["owner", "admin", "guest", "foreign person", "app for owner"],
        [Access.OwnAccount] = ["owner", "admin", "guest", "foreign person"],
        [Access.App] = ["that app", "foreign app"],
        [Access.AccountOrApp] = ["owner", "admin", "guest", "foreign person", "app for owner", "that app", "foreign app"],
        [Access.AppOwner] = ["owner", "app for owner", "that app"],
        [Access.NetworkGuest] = ["owner", "admin", "guest", "app for owner"],
        [Access.NetworkAdmin] = ["owner", "admin", "app for owner"],
        [Access.NetworkOwner] = ["owner", "app for owner"],
        [Access.NetworkAdminInPerson] = ["owner", "admin"],
        [Access.NetworkGuestOrExternalUser] = ["owner", "admin", "guest", "app for owner"],
        [Access.NetworkAdminOrExternalUser] = ["owner", "admin", "app for owner"],
        [Access.Operator] = ["operator"],
    };

    // The same where the network of the path is a developer's.
    private static readonly Dictionary<Access, string[]> PassesToDevelopers = new()
    {
        [Access.NetworkGuest] = ["that app"],
        [Access.NetworkAdmin] = ["that app"],
        [Access.NetworkOwner] = ["that app"],
        [Access.NetworkAdminInPerson] = [],
        [Access.NetworkGuestOrExternalUser] = ["that app", "external user"],
        [Access.NetworkAdminOrExternalUser] = ["that app", "external user"],
    };

    [Fact]
    public async Task Every_operation_lets_in_whom_the_table_says_and_nobody_else()
    {
        await using var plane = await StartAsync();
        var callers = Callers();
        var wrong = new List<string>();
        var checks = 0;
        foreach (var operation in ControlPlane.Api.Operations.All)
        {
            foreach (var network in operation.Path.Contains("{network}", StringComparison.Ordinal) ? (string[])[UserNetwork, DeveloperNetwork, "no-network"] : [UserNetwork])
            {
                foreach (var (name, caller) in callers)
                {
                    var outcome = await TryAsync(plane, operation, caller, network);
                    var expected = Expected(operation, name, network);
                    if (!expected.Contains(outcome)) { wrong.Add($"{operation.Id} in {network} by {name}: {outcome?.ToString() ?? "passes"}"); }
                    checks++;
                }
            }
        }

        Assert.Empty(wrong);
        Assert.True(checks > 1000, $"only {checks} checks");
        TestContext.Current.TestOutputHelper?.WriteLine($"{ControlPlane.Api.Operations.All.Length} operations, {callers.Count} callers, {checks} checks");
    }

    [Fact]
    public async Task A_token_without_the_scope_is_told_which_one_it_lacks()
    {
        await using var plane = await StartAsync();
        var withoutScopes = Callers().Single(caller => caller.Name == "that app").Caller with { Scopes = [] };

        foreach (var operation in ControlPlane.Api.Operations.All.Where(operation => operation.Scope is not null && operation.Path.Contains("{network}", StringComparison.Ordinal) && operation.Access is not Access.Operator))
        {
            Assert.Equal(ProblemCode.InsufficientScope, await TryAsync(plane, operation, withoutScopes, DeveloperNetwork));
        }
    }

    [Fact]
    public async Task Tokens_that_are_made_up_expired_taken_back_or_of_another_kind_open_nothing()
    {
        await using var plane = await StartAsync();
        var now = plane.Time.GetUtcNow();
        Token Of(TokenKind kind, DateTimeOffset expires) => new(Identifiers.New("tok"), kind, "acc_owner", kind is TokenKind.Refresh ? ThatApp : null, null, [], now, expires);
        var expired = await plane.IssueTokenAsync(Of(TokenKind.Session, now.AddSeconds(-1)));
        var refresh = await plane.IssueTokenAsync(Of(TokenKind.Refresh, now.AddDays(1)));
        var taken = Of(TokenKind.Session, now.AddDays(1));
        var takenText = await plane.IssueTokenAsync(taken);
        await plane.Database.WriteAsync(session => plane.Host.Services.GetRequiredService<TokenStore>().RevokeAsync(session, taken.Id), default);
        string[] tokens = ["", "x", "coco_st_made-up", new('a', 5000), expired, refresh, takenText, takenText[..^1], takenText + "a"];

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

    private static ImmutableArray<ProblemCode?> Expected(Operation operation, string caller, string network)
    {
        var isPassing = operation.Access switch
        {
            _ when !operation.Path.Contains("{network}", StringComparison.Ordinal) => Passes[operation.Access].Contains(caller),
            Access.Anyone or Access.Operator or Access.AccountOrApp or Access.Account or Access.App => Passes[operation.Access].Contains(caller),
            _ when network == UserNetwork => Passes[operation.Access].Contains(caller),
            _ when network == DeveloperNetwork => PassesToDevelopers[operation.Access].Contains(caller),
            _ => false,
        };
        if (isPassing) { return [null]; }
        if (caller == "anonymous") { return [ProblemCode.Unauthenticated]; }
        // Who may see the network is told that the role does not suffice; to others there is no such network.
        var sees = operation.Access is Access.NetworkAdmin or Access.NetworkOwner or Access.NetworkAdminOrExternalUser && network == UserNetwork && caller is "guest" or "admin" && network == UserNetwork;
        // An app sees the network, and may not do what is for people themselves.
        if (operation.Access is Access.NetworkAdminInPerson) { sees = network == UserNetwork ? caller is "guest" or "app for owner" : network == DeveloperNetwork && caller is "that app"; }
        return operation.Access switch
        {
            Access.AppOwner => [ProblemCode.NotFound],
            >= Access.NetworkGuest and <= Access.NetworkAdminOrExternalUser => sees ? [ProblemCode.Forbidden] : [ProblemCode.NotFound],
            _ => [ProblemCode.Forbidden],
        };
    }

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
            ("that app", new(CallerKind.App) { AppId = ThatApp, Scopes = all }),
            ("foreign app", new(CallerKind.App) { AppId = "app_other", Scopes = all }),
            ("external user", new(CallerKind.ExternalUser) { AppId = ThatApp, ExternalUserId = "u1", Scopes = all.Add(NetworkRoles.ScopeOf(DeveloperNetwork)) }),
            ("external user elsewhere", new(CallerKind.ExternalUser) { AppId = ThatApp, ExternalUserId = "u1", Scopes = all.Add(NetworkRoles.ScopeOf(UserNetwork)) }),
            ("operator", new(CallerKind.Operator)),
        ];
    }

    private static async Task<TestPlane> StartAsync()
    {
        var plane = await TestPlane.StartAsync();
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
