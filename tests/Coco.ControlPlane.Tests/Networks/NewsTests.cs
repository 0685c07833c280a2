using System.Globalization;
using System.Net;
using Coco.Cluster.Certificates;
using Coco.Cluster.Membership;
using Coco.Cluster.News;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Networks;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Tests.Certificates;
using Coco.Crypto;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>What nodes tell a control plane by themselves that their network lists, on either engine.</summary>
public abstract class NewsTests
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(90));

    internal abstract Task<TestPlane> StartAsync(Func<ControlPlaneSettings, ControlPlaneSettings> change);

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // listed by a wss:// URL, which is its API's port
    public async Task Who_joins_and_who_is_removed_is_known_to_a_listed_control_plane_without_anybody_bringing_it(bool byUrlAlone)
    {
        await using var plane = await StartAsync(byUrlAlone ? WithUrl : WithRelay);
        await using var lamp = await Node.CreateNetworkAsync(new() { Name = "home" }, Options("lamp"), _patience.Token);
        var client = await ClientAsync(plane);
        await client.RegisterAsync(lamp, _patience.Token);
        var listed = Info(plane);
        Assert.Equal(byUrlAlone, listed.Addresses.Count == 0 && listed.Url is not null);
        await lamp.SetControlPlanesAsync([listed], _patience.Token);

        await using var phone = await Node.JoinAsync(await lamp.InviteAsync(new() { Role = Role.Admin }, _patience.Token), Options("phone"), _patience.Token);
        await UntilAsync(client, lamp, "lamp phone");
        await using var guest = await Node.JoinAsync(await phone.InviteAsync(cancellationToken: _patience.Token), Options("guest"), _patience.Token); // whom an admin let in
        await UntilAsync(client, lamp, "guest lamp phone");
        await lamp.RemoveAsync(guest.Id, _patience.Token);
        await UntilAsync(client, lamp, "lamp phone");
        await UntilAllIsThereAsync(client, lamp);

        var served = await plane.Database.ReadAsync(static session => session.QueryAsync($"SELECT node FROM relay_nodes", static row => row.Text("node")), default);
        Assert.Equal(new[] { lamp.Id.ToString(), phone.Id.ToString() }.Order(StringComparer.Ordinal), served.Order(StringComparer.Ordinal));
        Assert.Single((await client.ListControlPlanesAsync(lamp.Network, cancellationToken: _patience.Token)).Items);
        Assert.Equal(0, (await client.RegisterAsync(lamp, _patience.Token)).Statements); // there is nothing left to bring
    }

    [Fact]
    public async Task A_control_plane_that_is_listed_and_where_nobody_has_brought_the_network_learns_nothing_until_it_is_brought()
    {
        await using var plane = await StartAsync(WithRelay);
        await using var lamp = await Node.CreateNetworkAsync(new() { Name = "home" }, Options("lamp"), _patience.Token);
        await lamp.SetControlPlanesAsync([Info(plane)], _patience.Token);
        await using var phone = await Node.JoinAsync(await lamp.InviteAsync(cancellationToken: _patience.Token), Options("phone"), _patience.Token);
        await Task.Delay(TimeSpan.FromSeconds(3), _patience.Token); // longer than it takes where the network is
        Assert.Equal((0L, 0L), await plane.Database.ReadAsync(
            static async session => (await session.NumberAsync($"SELECT COUNT(*) FROM network_statements"), await session.NumberAsync($"SELECT COUNT(*) FROM relay_nodes")), default));

        var client = await ClientAsync(plane);
        await client.RegisterAsync(lamp, _patience.Token);
        await using var tablet = await Node.JoinAsync(await lamp.InviteAsync(cancellationToken: _patience.Token), Options("tablet"), _patience.Token);

        await UntilAsync(client, lamp, "lamp phone tablet");
    }

    [Fact]
    public async Task A_guest_that_somebody_else_has_in_his_books_is_served_for_its_own_network_as_it_shows_itself()
    {
        await using var plane = await StartAsync(WithRelay);
        await using var lamp = await Node.CreateNetworkAsync(new() { Name = "home" }, Options("lamp"), _patience.Token);
        await using var phone = await Node.JoinAsync(await lamp.InviteAsync(cancellationToken: _patience.Token), Options("phone"), _patience.Token);
        using var squatter = await Developer.CreateAsync(plane);
        var den = await squatter.FoundAsync();
        await plane.Database.WriteAsync(session => RelayNodes.AddAsync(session, den.Network.ToString(), phone.Id, NodeProof.Information), default); // before anybody, by what it signed once
        var client = await ClientAsync(plane);

        await client.RegisterAsync(lamp, _patience.Token);
        await UntilAsync(client, lamp, "lamp phone");
        Assert.Equal(den.Network.ToString(), (await HolderAsync())!.Network); // its sponsor cannot speak for it
        await lamp.SetControlPlanesAsync([Info(plane)], _patience.Token);

        while (await HolderAsync() != new NodeClaim(lamp.Network.ToString(), NodeProof.Connection)) { await Task.Delay(50, _patience.Token); }

        Task<NodeClaim?> HolderAsync() => plane.Database.ReadAsync(session => RelayNodes.FindAsync(session, phone.Id), default);
    }

    [Fact]
    public async Task News_are_taken_from_nodes_of_the_owner_and_of_admins_alone_and_say_nothing_to_others()
    {
        await using var plane = await StartAsync(WithRelay);
        using var developer = await Developer.CreateAsync(plane);
        var owner = await developer.FoundAsync();
        using var own = IdentityKey.Generate();
        using var other = IdentityKey.Generate();
        var mine = Certificate(await owner.CertifyAsync(Developer.Information(owner.Network, "mine", own, developer.Key), cancellationToken: _patience.Token));
        var guest = Certificate(await owner.CertifyAsync(Developer.Information(owner.Network, "guest", other), cancellationToken: _patience.Token));
        var desk = plane.Host.Services.GetRequiredService<NewsDesk>();

        var asked = await AskAsync(mine, own.Id);
        var visitor = await AskAsync(guest, other.Id);
        var borrowed = await AskAsync(mine, other.Id);

        Assert.Equal((PlaneOutcome.Taken, "False True"), asked);
        Assert.Equal((PlaneOutcome.NotHere, "False False"), visitor);
        Assert.Equal((PlaneOutcome.NotHere, "False False"), borrowed);

        async Task<(PlaneOutcome, string)> AskAsync(NodeCertificate own, NodeId sender)
        {
            using var newcomer = IdentityKey.Generate();
            var (outcome, lacks) = await desk.AskAsync(new(own, [], [(mine.Node, mine.Id), (newcomer.Id, mine.Id)]), sender, _patience.Token);
            return (outcome, string.Join(' ', lacks));
        }
    }

    [Fact]
    public async Task Questions_and_news_are_read_as_they_were_written_and_other_bytes_are_none()
    {
        await using var plane = await StartAsync(WithRelay);
        using var developer = await Developer.CreateAsync(plane);
        var owner = await developer.FoundAsync();
        var certificate = Certificate(await owner.CertifyAsync(Developer.Information(owner.Network, "one"), cancellationToken: _patience.Token));
        var statements = owner.Log.CollectMissing([], [], int.MaxValue);
        var question = PlaneNews.Question(certificate, [.. statements], [certificate]);
        var news = PlaneNews.News([statements[0].Encoded, certificate.Encoded]);
        var random = new SeededRandomSource(7);

        var read = PlaneNews.ReadQuestion(question.AsSpan(3))!;
        Assert.Equal((PlaneNews.Kind, question.Length - 3), (question[0], (question[1] << 8) | question[2]));
        Assert.Equal(certificate.Encoded.ToArray(), read.Own.Encoded.ToArray());
        Assert.Equal(statements.Select(static statement => statement.Id), read.Statements);
        Assert.Equal([(certificate.Node, certificate.Id)], read.Nodes);
        Assert.Equal(2, PlaneNews.ReadNews(news, 2)!.Count);
        Assert.Null(PlaneNews.ReadNews(news, 1));
        Assert.Null(PlaneNews.ReadNews(news, 3));
        var answer = PlaneNews.Answer(PlaneOutcome.Taken, [true, false, true, false, false, false, false, false, true]);
        Assert.Equal([0, 2, 8], Enumerable.Range(0, 9).Where(entry => PlaneNews.Lacks(answer, entry)));
        var dice = new byte[4];
        for (var i = 0; i < 3000; i++)
        {
            var bytes = question[3..];
            random.Fill(dice);
            bytes[((dice[0] << 8) | dice[1]) % bytes.Length] ^= (byte)(dice[2] | 1);
            _ = PlaneNews.ReadQuestion(bytes.AsSpan(0, dice[3] < 128 ? bytes.Length : dice[3])); // never throws
            _ = PlaneNews.ReadNews(bytes, 2);
        }
        Assert.Null(PlaneNews.ReadQuestion(question.AsSpan(3, question.Length - 4)));
    }

    private static ControlPlaneSettings WithRelay(ControlPlaneSettings settings)
    {
        settings.Relaying.Plans["free"] = new() { Networks = 10, Nodes = 100 };
        return settings with { Relaying = settings.Relaying with { Listen = ["127.0.0.1:0"], DrainTime = TimeSpan.Zero } };
    }

    private static ControlPlaneSettings WithUrl(ControlPlaneSettings settings)
    {
        settings.Relaying.Plans["free"] = new() { Networks = 10, Nodes = 100 };
        var place = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Pebble.FreePort()}");
        return settings with { Listen = [.. settings.Listen, "https://" + place], Relaying = settings.Relaying with { WebSocketOnApi = true, Url = $"wss://{place}/coco", DrainTime = TimeSpan.Zero } };
    }

    private static ControlPlaneInfo Info(TestPlane plane)
    {
        var relay = plane.Host.Services.GetRequiredService<RelayInstance>().Info!;
        return new(relay.Id, relay.Addresses, relay.Url);
    }

    private static NodeCertificate Certificate(CertifiedNode node) => NodeCertificate.Read(System.Buffers.Text.Base64Url.DecodeFromChars(node.Node.Certificate))!;

    private static NodeOptions Options(string name) => new() { Name = name, App = new("org.example.home"), ListenAddresses = [new(IPAddress.Loopback, 0)], DiscoverOnLan = false };

    private static async Task<ControlPlaneClient> ClientAsync(TestPlane plane)
    {
        var (_, token) = await plane.CreateAccountAsync();
        return new(plane.Connect(), _ => new(token));
    }

    private async Task UntilAsync(ControlPlaneClient client, Node node, string names)
    {
        while (string.Join(' ', (await client.ListNodesAsync(node.Network, cancellationToken: _patience.Token)).Items.Select(static one => one.Name).Order(StringComparer.Ordinal)) != names)
        {
            await Task.Delay(50, _patience.Token);
        }
    }

    // Statements that name no node are told by themselves.
    private async Task UntilAllIsThereAsync(ControlPlaneClient client, Node node)
    {
        while (true)
        {
            var extract = await node.ExtractAsync(_patience.Token);
            var there = (await client.ListStatementsAsync(node.Network, cancellationToken: _patience.Token)).Items.Select(static item => item.Statement).ToHashSet(StringComparer.Ordinal);
            if (extract.Package.Concat(extract.Statements).All(statement => there.Contains(System.Buffers.Text.Base64Url.EncodeToString(statement.Encoded.Span)))) { return; }
            await Task.Delay(50, _patience.Token);
        }
    }
}
