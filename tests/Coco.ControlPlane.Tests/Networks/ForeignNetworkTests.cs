using Coco.ControlPlane.Api;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>What belongs to others, named by its right id, is not there.</summary>
public abstract class ForeignNetworkTests
{
    internal abstract Task<TestPlane> StartAsync();

    [Fact]
    public async Task Every_operation_on_a_foreign_network_is_answered_as_if_it_were_not_there()
    {
        await using var plane = await StartAsync();
        using var mine = await Developer.CreateAsync(plane);
        using var foreign = await Developer.CreateAsync(plane);
        await mine.FoundAsync();
        var theirs = await foreign.FoundAsync();
        var (_, person) = await plane.CreateAccountAsync();
        var scoped = ControlPlane.Api.Operations.All
            .Where(operation => operation.Access is not Access.Operator && operation.Path.Contains("{network}", StringComparison.Ordinal)).ToList();
        var all = await AllScopesAsync(plane, mine.App);

        Assert.True(scoped.Count >= 25, $"{scoped.Count} operations");
        foreach (var operation in scoped.Where(operation => operation.Id != ControlPlane.Api.Operations.LinkUser.Id)) // anybody may show to be somebody
        {
            foreach (var token in new[] { all, person })
            {
                var path = System.Text.RegularExpressions.Regex.Replace(operation.Path.Replace("{network}", theirs.Network.ToString(), StringComparison.Ordinal), "{[a-zA-Z]+}", "x");
                using var response = await plane.SendAsync(operation.Method, path, token, operation.Method is "GET" or "DELETE" ? null : new { });
                Assert.True((int)response.StatusCode == 404, $"{operation.Id}: {(int)response.StatusCode}");
            }
        }
    }

    [Fact]
    public async Task What_is_in_a_foreign_network_is_not_found_in_ones_own()
    {
        await using var plane = await StartAsync();
        using var mine = await Developer.CreateAsync(plane);
        using var foreign = await Developer.CreateAsync(plane);
        var (own, theirs) = (await mine.FoundAsync(), await foreign.FoundAsync());
        using var key = IdentityKey.Generate();
        var node = await theirs.CertifyAsync(Developer.Information(theirs.Network, "van", key));
        var link = await theirs.InviteAsync();

        foreach (var (method, path) in new[]
        {
            ("GET", $"nodes/{key.Id}"), ("DELETE", $"nodes/{key.Id}"), ("DELETE", $"invitations/{link.Invitation}"), ("GET", $"invitations/{link.Invitation}/requests"),
        })
        {
            using var response = await plane.SendAsync(method, $"/v1/networks/{own.Network}/{path}", mine.Token);
            Assert.True((int)response.StatusCode == 404, $"{method} {path}: {(int)response.StatusCode}");
        }
        using var carried = await plane.SendAsync("POST", $"/v1/networks/{own.Network}/nodes", mine.Token, new { certificate = node.Node.Certificate });
        Assert.Equal(422, (int)carried.StatusCode);
        var statements = (await foreign.Client().ListStatementsAsync(theirs.Network)).Items.Select(item => item.Statement).ToArray();
        using var replayed = await plane.SendAsync("POST", $"/v1/networks/{own.Network}/statements", mine.Token, new { statements });
        Assert.Contains("OtherNetwork", await replayed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ownerApp")]
    [InlineData("owner_app")]
    [InlineData("role")]
    [InlineData("version")]
    [InlineData("__proto__")]
    public async Task Nothing_is_assigned_that_the_contract_does_not_name(string member)
    {
        await using var plane = await StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var fleet = await developer.FoundAsync();
        var link = await fleet.InviteAsync();
        var body = new Dictionary<string, object> { [member] = "owner" };

        foreach (var path in new[] { "/v1/networks", $"/v1/networks/{fleet.Network}/nodes", $"/v1/networks/{fleet.Network}/statements", $"/v1/invitations/{link.Invitation}/requests" })
        {
            using var response = await plane.SendAsync("POST", path, developer.Token, body);
            Assert.Equal(400, (int)response.StatusCode);
        }
    }

    private static Task<string> AllScopesAsync(TestPlane plane, string app) => plane.IssueTokenAsync(new(
        Identifiers.New("tok"), Tokens.TokenKind.Access, null, app, null, [.. ControlPlane.Api.Operations.All.Select(operation => operation.Scope).OfType<string>()],
        plane.Time.GetUtcNow(), plane.Time.GetUtcNow().AddDays(1)));
}
