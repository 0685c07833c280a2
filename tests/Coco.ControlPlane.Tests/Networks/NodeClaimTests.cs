using System.Buffers.Text;
using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Cluster.News;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Networks;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Tests.Relaying;
using Coco.Crypto;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>Attacks with certificates that name nodes of others, which their owners' keys sign and the nodes do not, on either engine.</summary>
public abstract class NodeClaimTests(PostgreSqlServer? server) : PlaneTests(server), IDisposable
{
    private readonly IdentityKey _node = IdentityKey.Generate();
    private readonly IdentityKey _thief = IdentityKey.Generate();
    private Developer _holder = null!;
    private Developer _squatter = null!;
    private NetworkAuthority _home = null!;
    private NetworkAuthority _den = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (_holder, _squatter) = (await Developer.CreateAsync(Plane), await Developer.CreateAsync(Plane));
        (_home, _den) = (await _holder.FoundAsync(), await _squatter.FoundAsync(key: _thief));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Dispose();
        GC.SuppressFinalize(this);
    }

    public void Dispose()
    {
        _holder?.Dispose();
        _squatter?.Dispose();
        _node.Dispose();
        _thief.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected override ControlPlaneSettings Settings(ControlPlaneSettings settings) => settings with { Relaying = settings.Relaying with { Listen = ["127.0.0.1:0"], DrainTime = TimeSpan.Zero } };

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // brought by a member, without anything that it signed
    public async Task A_claim_without_proof_takes_nothing_from_who_has_the_node_and_learns_nothing_of_it(bool hasAgreed)
    {
        await BringAsync(hasAgreed);
        using var unknown = IdentityKey.Generate();

        var claimed = await ClaimAsync(_node.Id);
        var fresh = await ClaimAsync(unknown.Id);
        // As a relay counts: by the network that it serves the node for.
        await Plane.Host.Services.GetRequiredService<UsageStore>().FlushAsync(
            new("a", 1, Plane.Host.Services.GetRequiredService<UsageStore>().Month, [new(_node.Id, Terms.TermsOf(_node.Id).Network, 7, 7)]), default);
        var shown = await _squatter.Client(await UsageTokenAsync()).ListNodeUsageAsync(_den.Network);

        Assert.Equal(fresh with { Id = "", Certificate = "" }, claimed with { Id = "", Certificate = "" }); // a node that is elsewhere looks like one that is nowhere
        Assert.Equal(_home.Network.ToString(), await HolderAsync());
        await RelayScene.UntilAsync(() => Terms.IsMember(unknown.Id));
        Assert.Equal(_home.Network.ToString(), Terms.TermsOf(_node.Id).Network);
        Assert.DoesNotContain(shown.Items, node => node.Node == _node.Id.ToString());
        await _den.DestroyAsync(_node.Id);
        await _squatter.Client().DeleteNetworkAsync(_den.Network);
        await RelayScene.UntilAsync(() => !Terms.IsMember(unknown.Id));
        Assert.Equal((_home.Network.ToString(), (string?)null), (Terms.TermsOf(_node.Id).Network, Terms.TermsOf(_node.Id).Refusal));
    }

    [Fact]
    public async Task Who_claims_a_node_before_anybody_else_gives_way_to_the_network_that_the_node_agreed_to()
    {
        await ClaimAsync(_node.Id);
        Assert.Equal(_den.Network.ToString(), await HolderAsync());

        await BringAsync(hasAgreed: true);
        await RelayScene.UntilAsync(() => Terms.TermsOf(_node.Id).Network == _home.Network.ToString());
        var borrowed = await Assert.ThrowsAsync<ControlPlaneException>(() => _squatter.Client().CreateNodeAsync(_den.Network, new(Forge(_node.Id), null, Information(_home))));
        await ClaimAsync(_node.Id);

        Assert.Equal(ControlPlaneError.Invalid, borrowed.Code);
        Assert.Equal(_home.Network.ToString(), await HolderAsync());
    }

    [Fact]
    public async Task Who_gave_way_serves_the_node_again_when_the_other_network_lets_it_go()
    {
        await ClaimAsync(_node.Id);
        await BringAsync(hasAgreed: true);
        Assert.Equal(_home.Network.ToString(), await HolderAsync());

        await _home.DestroyAsync(_node.Id);

        Assert.Equal(_den.Network.ToString(), await HolderAsync());
        await RelayScene.UntilAsync(() => Terms.TermsOf(_node.Id).Network == _den.Network.ToString());
    }

    [Fact]
    public async Task The_node_itself_has_the_last_word_and_nobody_else_has_it()
    {
        await ClaimAsync(_node.Id);
        await _squatter.Client().CreateNodeAsync(_den.Network, new(Forge(_node.Id), null, Information(_den))); // it wanted to be there once
        var own = await BringAsync(hasAgreed: true);
        Assert.Equal(_den.Network.ToString(), await HolderAsync()); // paper does not outdo paper

        Assert.Equal(PlaneOutcome.NotHere, await AskAsync(own, _thief.Id));
        Assert.Equal(_den.Network.ToString(), await HolderAsync());
        Assert.Equal(PlaneOutcome.Taken, await AskAsync(own, _node.Id));
        Assert.Equal(_home.Network.ToString(), await HolderAsync());
        await _squatter.Client().CreateNodeAsync(_den.Network, new(Forge(_node.Id), null, Information(_den))); // the same paper again
        Assert.Equal(_home.Network.ToString(), await HolderAsync());
        await _home.DestroyAsync(_node.Id);
        Assert.Equal(PlaneOutcome.NotHere, await AskAsync(own, _node.Id)); // who was removed shows nothing
        Assert.Equal(_den.Network.ToString(), await HolderAsync()); // whoever has it still

        async Task<PlaneOutcome> AskAsync(NodeCertificate certificate, NodeId sender) =>
            (await Plane.Host.Services.GetRequiredService<NewsDesk>().AskAsync(new(certificate, [], []), sender, default)).Outcome;
    }

    [Fact]
    public async Task Who_admits_and_removes_a_node_of_others_has_it_refused_by_no_relay()
    {
        await ClaimAsync(_node.Id);
        await RelayScene.UntilAsync(() => Terms.IsMember(_node.Id));
        await _den.DestroyAsync(_node.Id);
        await RelayScene.UntilAsync(() => !Terms.IsMember(_node.Id));
        Assert.Null(Terms.TermsOf(_node.Id).Refusal);

        await BringAsync(hasAgreed: true);
        await RelayScene.UntilAsync(() => Terms.IsMember(_node.Id));
        await _home.DestroyAsync(_node.Id);
        await RelayScene.UntilAsync(() => Terms.TermsOf(_node.Id).Refusal is not null); // it is told why, by the network that it agreed to
    }

    [Fact]
    public async Task A_network_that_goes_leaves_its_nodes_to_whoever_has_them_too()
    {
        await ClaimAsync(_node.Id);
        await BringAsync(hasAgreed: false);
        Assert.Equal(_den.Network.ToString(), await HolderAsync());

        await _squatter.Client().DeleteNetworkAsync(_den.Network);

        Assert.Equal(_home.Network.ToString(), await HolderAsync());
        await RelayScene.UntilAsync(() => Terms.TermsOf(_node.Id).Network == _home.Network.ToString());
        Assert.Equal(0, await Plane.Database.ReadAsync(static session => session.NumberAsync($"SELECT COUNT(*) FROM relay_claims"), default));
    }

    private Task<string> UsageTokenAsync() => Plane.IssueTokenAsync(new(
        ControlPlane.Api.Identifiers.New("tok"), ControlPlane.Tokens.TokenKind.Access, null, _squatter.App, null, [.. Developer.Scopes, "usage:read"], Plane.Time.GetUtcNow(), Plane.Time.GetUtcNow().AddDays(1)));

    private RelayTermsTable Terms => Plane.Host.Services.GetRequiredService<RelayTermsTable>();

    private async Task<string?> HolderAsync() => (await Plane.Database.ReadAsync(session => RelayNodes.FindAsync(session, _node.Id), default))?.Network;

    private string Information(NetworkAuthority authority) => Developer.Information(authority.Network, "van", _node, authority == _den ? _thief : _holder.Key);

    private async Task<NodeCertificate> BringAsync(bool hasAgreed)
    {
        if (hasAgreed) { return Read((await _home.CertifyAsync(Information(_home))).Node.Certificate); }
        return Read((await _holder.Client().CreateNodeAsync(_home.Network, new(Sign(_home, _holder.Key, _node.Id)))).Certificate);
    }

    private Task<Coco.ControlPlane.Client.Contracts.Networks.NodeView> ClaimAsync(NodeId node) => _squatter.Client().CreateNodeAsync(_den.Network, new(Forge(node)));

    private string Forge(NodeId node) => Sign(_den, _thief, node);

    // All that it takes is to know the node's name.
    private string Sign(NetworkAuthority authority, IdentityKey owner, NodeId node) => Base64Url.EncodeToString(NodeCertificate.Sign(owner, authority.Log.State.AuthorityOf(new UserId(owner.Id))!.Value, new()
    {
        Network = authority.Network, Node = node, Name = "van", User = new(owner.Id), App = new("org.example.fleet"), SubCluster = new("fleet"), Tags = [],
        Issued = (ulong)Plane.Time.GetUtcNow().ToUnixTimeSeconds(), Consent = NodeCertificate.Consent(owner, authority.Network, node),
    }).Encoded.Span);

    private static NodeCertificate Read(string text) => NodeCertificate.Read(Base64Url.DecodeFromChars(text))!;
}
