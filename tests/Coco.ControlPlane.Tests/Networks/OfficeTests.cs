using System.Buffers.Text;
using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Cluster.Grants;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Cluster.Statements;
using Coco.ControlPlane.Client;
using Coco.Crypto;
using Coco.Crypto.KeyFiles;

namespace Coco.ControlPlane.Tests.Networks;

public abstract class OfficeTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "coco-office-" + Guid.NewGuid().ToString("n")[..12]);
    private TestPlane _plane = null!;
    private Developer _developer = null!;
    private NetworkAuthority _owner = null!;

    internal abstract Task<TestPlane> StartAsync();

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        _plane = await StartAsync();
        _developer = await Developer.CreateAsync(_plane);
        _owner = await _developer.FoundAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _developer?.Dispose(); // not there where the engine is not
        if (_plane is not null) { await _plane.DisposeAsync(); }
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_delegated_key_admits_into_its_own_part_and_no_other()
    {
        var path = Path.Combine(_folder, "north.key");
        await _owner.DelegateAsync(path, new SubClusterId("north"));
        using var key = KeyFile.ReadUnattended(path);
        var issuer = await _developer.OpenAsync(_owner.Network, key);

        var node = await issuer.CertifyAsync(Developer.Information(_owner.Network, "van"));
        var refused = await Assert.ThrowsAsync<ControlPlaneException>(() => issuer.CertifyAsync(Developer.Information(_owner.Network, "car"), new() { SubCluster = new("south") }));

        Assert.Equal("north", node.Node.SubCluster);
        Assert.Equal(ControlPlaneError.StatementRefused, refused.Code);
        Assert.Contains(nameof(CertificateVerdict.NotPermitted), refused.Message, StringComparison.Ordinal);
        var forbidden = await Assert.ThrowsAsync<ControlPlaneException>(() => issuer.RenameAsync(NodeId.Parse(node.Node.Id), "other"));
        Assert.Equal(ControlPlaneError.Forbidden, forbidden.Code);
    }

    [Fact]
    public async Task A_delegated_key_admits_until_its_end()
    {
        using var key = IdentityKey.Generate();
        var until = _plane.Time.GetUtcNow().AddHours(1);
        await _owner.DelegateAsync(key.Id, default, until);
        var issuer = await _developer.OpenAsync(_owner.Network, key);

        var node = await issuer.CertifyAsync(Developer.Information(_owner.Network, "van"));
        var refused = await Assert.ThrowsAsync<ControlPlaneException>(() => issuer.CertifyAsync(Developer.Information(_owner.Network, "car"), new() { Expires = until.AddHours(1) }));
        _plane.Time.Advance(TimeSpan.FromHours(2));
        var late = await Assert.ThrowsAsync<ControlPlaneException>(() => issuer.CertifyAsync(Developer.Information(_owner.Network, "bus")));

        Assert.Equal(until.ToUnixTimeSeconds(), node.Node.Expires!.Value.ToUnixTimeSeconds());
        Assert.Contains(nameof(CertificateVerdict.NotPermitted), refused.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(CertificateVerdict.Expired), late.Message, StringComparison.Ordinal);
        Assert.Equal("expired", (await _developer.Client().GetNodeAsync(_owner.Network, NodeId.Parse(node.Node.Id))).Status);
    }

    [Fact]
    public async Task What_a_revoked_delegate_signs_is_refused_and_what_it_signed_stays_where_listed()
    {
        using var key = IdentityKey.Generate();
        var made = await _owner.DelegateAsync(key.Id);
        var issuer = await _developer.OpenAsync(_owner.Network, key);
        var stays = await issuer.CertifyAsync(Developer.Information(_owner.Network, "stays"));
        var goes = await issuer.CertifyAsync(Developer.Information(_owner.Network, "goes"));
        using var late = IdentityKey.Generate();
        var certificate = CertificateBy(key, made, late);

        await _owner.RevokeDelegateAsync(made, [NetworkAuthority.CertificateOf(stays)]);

        using var response = await _plane.SendAsync("POST", $"/v1/networks/{_owner.Network}/nodes", _developer.Token, new { certificate });
        Assert.Equal(422, (int)response.StatusCode);
        Assert.Contains(nameof(CertificateVerdict.OfficeClosed), await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var forbidden = await Assert.ThrowsAsync<ControlPlaneException>(() => issuer.CertifyAsync(Developer.Information(_owner.Network, "late")));
        Assert.Equal(ControlPlaneError.Forbidden, forbidden.Code);
        Assert.Equal("valid", (await _developer.Client().GetNodeAsync(_owner.Network, NodeId.Parse(stays.Node.Id))).Status);
        Assert.Equal("officeClosed", (await _developer.Client().GetNodeAsync(_owner.Network, NodeId.Parse(goes.Node.Id))).Status);
        Assert.True((await _developer.Client().ListDelegatesAsync(_owner.Network)).Items.Single().IsRevoked);
    }

    [Fact]
    public async Task Roles_grants_and_policies_are_what_was_signed()
    {
        var client = _developer.Client();
        using var admin = IdentityKey.Generate();
        using var guest = IdentityKey.Generate();
        await _owner.GrantAsync(new UserId(admin.Id), Role.Admin);
        var second = await _developer.OpenAsync(_owner.Network, admin);
        await second.GrantAsync(new UserId(guest.Id), Role.Guest);
        Assert.True(ResourcePattern.TryParse("home/door/#", out var doors));
        var grant = await second.GrantAsync(ResourceGrant.ToUser(new(guest.Id), doors, ["open"]));
        Assert.True(Policy.TryParse("coco policy 1\nallow service ssh from role admin", out var policy, out _));
        await second.SetPolicyAsync(policy);

        Assert.Equal(["admin", "guest", "owner"], (await client.ListRolesAsync(_owner.Network)).Items.Select(role => role.Role).Order(StringComparer.Ordinal));
        var shown = Assert.Single((await client.ListGrantsAsync(_owner.Network)).Items);
        Assert.Equal(("home/door/#", guest.Id.ToString(), "open"), (shown.Resources, shown.User, Assert.Single(shown.Actions)));
        Assert.Equal(policy.ToString(), (await client.GetPolicyAsync(_owner.Network)).Text);

        await second.RevokeGrantAsync(grant);
        await _owner.RemoveAsync(new UserId(guest.Id));
        Assert.Empty((await client.ListGrantsAsync(_owner.Network)).Items);
        Assert.Equal(["admin", "owner"], (await client.ListRolesAsync(_owner.Network)).Items.Select(role => role.Role).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Name_and_control_planes_are_what_was_signed()
    {
        var client = _developer.Client();
        using var relay = IdentityKey.Generate();

        await _owner.RenameAsync("vans");
        await _owner.SetControlPlanesAsync([new(relay.Id, [], "wss://relay.example", new("https://control.example"))]);

        var settings = await client.GetSettingsAsync(_owner.Network);
        Assert.Equal(("vans", "private", _owner.User.ToString()), (settings.Name, settings.Profile, settings.Owner));
        Assert.NotNull(settings.RecoveryKey);
        Assert.Equal((relay.Id.ToString(), "wss://relay.example,https://control.example"), Assert.Single((await client.ListControlPlanesAsync(_owner.Network)).Items) is var view ? (view.Id, view.Where) : default);
        Assert.Equal("vans", (await client.GetNetworkAsync(_owner.Network)).Name);
    }

    [Fact]
    public async Task A_network_is_handed_over_and_taken_back_by_the_recovery_key_and_by_nothing_else()
    {
        var client = _developer.Client();
        using var thief = IdentityKey.Generate();
        var recovery = _owner.RecoveryKey!;
        await _owner.TransferOwnershipAsync(thief); // as who has stolen the owner's key would
        Assert.Equal(Role.None, _owner.Role);
        Assert.Equal(thief.Id.ToString(), (await client.GetSettingsAsync(_owner.Network)).Owner);

        // Somebody with an account, whom the network does not know here.
        var (_, token) = await _plane.CreateAccountAsync();
        var stranger = _developer.Client(token);
        using var wrong = IdentityKey.Generate();
        using var again = IdentityKey.Generate();
        await Assert.ThrowsAsync<ControlPlaneException>(() => stranger.RecoverOwnershipAsync(_owner.Network, Statement.Sign(wrong, _owner.Network, 0, default, _owner.Log.State.Recovery.By, [], 1, new StatementBody.Recover(_owner.Log.State.OwnerAuthority, default, new(again.Id), default, Keep.All)).Encoded));
        var victim = await _developer.OpenAsync(_owner.Network, again);
        var next = await victim.RecoverAsync(recovery);

        Assert.Equal(Role.Owner, victim.Role);
        Assert.NotEqual(recovery, next);
        Assert.Equal(again.Id.ToString(), (await client.GetSettingsAsync(_owner.Network)).Owner);
        using var nowhere = await _plane.SendAsync("POST", $"/v1/networks/{new NetworkId(wrong.Id)}/recoveries", token, new { statement = "AAAA" });
        Assert.Equal(404, (int)nowhere.StatusCode);
    }

    [Fact]
    public async Task Another_recovery_key_is_named_and_the_one_before_holds_no_more()
    {
        using var thief = IdentityKey.Generate();
        using var again = IdentityKey.Generate();
        var first = _owner.RecoveryKey!;
        var second = await _owner.SetRecoveryKeyAsync(first);
        var wrong = await Assert.ThrowsAsync<ControlPlaneException>(() => _owner.SetRecoveryKeyAsync(first));
        var other = await _developer.OpenAsync(_owner.Network, thief);
        var refused = await Assert.ThrowsAsync<ControlPlaneException>(() => other.RecoverAsync(first));

        var victim = await _developer.OpenAsync(_owner.Network, again);
        var third = await victim.RecoverAsync(second);
        await victim.RemoveRecoveryKeyAsync(third);
        var none = await Assert.ThrowsAsync<ControlPlaneException>(() => other.RecoverAsync(third));

        Assert.Equal((ControlPlaneError.Forbidden, ControlPlaneError.Forbidden, ControlPlaneError.Forbidden), (wrong.Code, refused.Code, none.Code));
        Assert.Equal(Role.Owner, victim.Role);
        Assert.Null((await _developer.Client().GetSettingsAsync(_owner.Network)).RecoveryKey);
    }

    [Fact]
    public async Task A_network_is_handed_over_to_a_key_that_is_elsewhere_when_that_agrees()
    {
        using var key = IdentityKey.Generate();
        var (_, token) = await _plane.CreateAccountAsync();
        var client = _developer.Client(token);
        await _owner.GrantAsync(new UserId(key.Id), Role.Admin);
        await client.LinkUserAsync(_owner.Network, key);
        var heir = await _developer.OpenAsync(_owner.Network, key, client: client);

        var late = await heir.AgreeToOwnAsync();
        await _owner.RenameAsync("vans"); // since which the agreement is none
        var refused = await Assert.ThrowsAsync<ControlPlaneException>(() => _owner.TransferOwnershipAsync(heir.User, late));
        await _owner.TransferOwnershipAsync(heir.User, await heir.AgreeToOwnAsync());
        await client.LinkUserAsync(_owner.Network, key);
        await heir.RenameAsync("vans of another");

        Assert.Equal(ControlPlaneError.Invalid, refused.Code);
        Assert.Equal(Role.Owner, heir.Role);
        Assert.Equal(ControlPlaneError.NotFound, (await Assert.ThrowsAsync<ControlPlaneException>(() => _owner.RenameAsync("vans"))).Code);
    }

    [Fact]
    public async Task A_service_makes_tokens_for_its_own_users_and_an_operator_gives_plans_by_the_client()
    {
        var now = _plane.Time.GetUtcNow();
        var operation = await _plane.IssueTokenAsync(new(ControlPlane.Api.Identifiers.New("tok"), ControlPlane.Tokens.TokenKind.Operator, null, null, null, [], now, now.AddHours(1)));
        await _plane.Database.WriteAsync(session => session.ExecuteAsync($"UPDATE apps SET scopes = {"nodes:read"} WHERE id = {_developer.App}"), default);

        var made = await _developer.Client().CreateExternalTokenAsync(new("user-7", _owner.Network.ToString(), now.AddHours(1), ["nodes:read"]));
        var plan = await _developer.Client(operation).SetPlanAsync(_owner.Network, new("free"));

        Assert.Empty((await _developer.Client(made.Token).ListNodesAsync(_owner.Network)).Items);
        Assert.Equal("free", plan.Plan);
    }

    [Theory]
    [InlineData("POST", "/statements")]
    [InlineData("PUT", "/settings")]
    [InlineData("PUT", "/control-planes")]
    [InlineData("PUT", "/owner")]
    [InlineData("PUT", "/recovery-key")]
    [InlineData("POST", "/recoveries")]
    [InlineData("POST", "/nodes")]
    [InlineData("POST", "/revocations")]
    [InlineData("POST", "/grants")]
    [InlineData("POST", "/delegates")]
    [InlineData("PUT", "/policy")]
    public async Task Nothing_is_created_or_changed_without_a_signature(string method, string path)
    {
        var before = await _developer.Client().GetNetworkAsync(_owner.Network);

        using var response = await _plane.SendAsync(method, $"/v1/networks/{_owner.Network}{path}", _developer.Token, new { });

        Assert.Equal(422, (int)response.StatusCode);
        Assert.Contains("urn:coco:problem:statement-missing", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(before, await _developer.Client().GetNetworkAsync(_owner.Network));
    }

    [Fact]
    public async Task A_statement_is_refused_where_it_says_something_else()
    {
        using var node = IdentityKey.Generate();
        using var other = IdentityKey.Generate();
        await _owner.CertifyAsync(Developer.Information(_owner.Network, "van", node));
        await _owner.CertifyAsync(Developer.Information(_owner.Network, "car", other));
        var statement = Base64Url.EncodeToString(Signed(new StatementBody.Rename(other.Id, "lorry")).Encoded.Span);

        foreach (var path in new[] { $"nodes/{node.Id}/name", $"nodes/{other.Id}/sub-cluster", "policy", $"roles/{node.Id}" })
        {
            using var response = await _plane.SendAsync("PUT", $"/v1/networks/{_owner.Network}/{path}", _developer.Token, new { statement });
            Assert.Equal(422, (int)response.StatusCode);
            Assert.Contains("OtherMeaning", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        using var destroyed = await _plane.SendAsync("DELETE", $"/v1/networks/{_owner.Network}/nodes/{node.Id}", _developer.Token, null, ("Coco-Statement", statement));
        Assert.Equal(422, (int)destroyed.StatusCode);
    }

    [Fact]
    public async Task A_statement_without_effect_is_refused_with_its_reason_and_leaves_nothing()
    {
        using var admin = IdentityKey.Generate();
        await _owner.GrantAsync(new UserId(admin.Id), Role.Admin);
        await _owner.SynchroniseAsync();
        // An admin has no say over who owns the network.
        var log = new MembershipLog(_owner.Network, new());
        foreach (var known in _owner.Log.CollectMissing([], [], int.MaxValue)) { log.Add(known); }
        var statement = new StatementAuthor(admin, log).State(new StatementBody.SetRecovery(admin.Id, null), 1);

        using var response = await _plane.SendAsync(
            "POST", $"/v1/networks/{_owner.Network}/statements", _developer.Token, new { statements = new[] { Base64Url.EncodeToString(statement.Encoded.Span) } });

        Assert.Equal(422, (int)response.StatusCode);
        Assert.Contains(nameof(VoidReason.NotPermitted), await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var number = (await _developer.Client().GetNetworkAsync(_owner.Network)).Statements;
        await _owner.SetPolicyAsync(Policy.Empty);
        Assert.Equal(number + 1, (await _developer.Client().GetNetworkAsync(_owner.Network)).Statements);
    }

    private Statement Signed(StatementBody body)
    {
        var log = new MembershipLog(_owner.Network, new());
        foreach (var known in _owner.Log.CollectMissing([], [], int.MaxValue)) { log.Add(known); }
        return new StatementAuthor(_developer.Key, log).State(body, 1);
    }

    private string CertificateBy(IdentityKey issuer, StatementId authority, IdentityKey node)
    {
        Assert.True(NodeInformation.TryImport(Developer.Information(_owner.Network, "late", node), out var information));
        return Base64Url.EncodeToString(NodeCertificate.Sign(issuer, authority, new()
        {
            Network = _owner.Network, Node = node.Id, Name = "late", User = information.Wish.User, App = information.Wish.App, SubCluster = new("x"), Consent = information.Wish.UserSignature,
        }).Encoded.Span);
    }
}
