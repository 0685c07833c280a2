using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Networks;

/// <summary>Networks of a developer's service, on either engine.</summary>
public abstract class DeveloperNetworkTests
{
    internal abstract Task<TestPlane> StartAsync();

    [Fact]
    public async Task Nodes_join_a_network_made_by_the_API_alone_and_are_destroyed_by_it()
    {
        await using var plane = await StartAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var developer = await Developer.CreateAsync(plane);
        var authority = await developer.FoundAsync();

        await using var host = await CocoHost.StartAsync(new() { ListenAddresses = [new(System.Net.IPAddress.Loopback, 0)] }, patience.Token);
        await using var first = await Node.ExportAsync(authority.Network, Developer.NodeOptions("one") with { Host = host }, patience.Token);
        await using var second = await Node.ExportAsync(authority.Network, Developer.NodeOptions("two") with { Host = host }, patience.Token);
        var one = await authority.CertifyAsync(first.Text);
        await using var nodeOne = await first.ImportAsync(one.Admission, patience.Token);
        var two = await authority.CertifyAsync(second.Text, new() { Contacts = [await Developer.ContactAsync(host, nodeOne, patience.Token)] });
        await using var nodeTwo = await second.ImportAsync(two.Admission, patience.Token);
        await nodeTwo.WaitForAsync(node => node.Peers.Any(peer => peer.Id == nodeOne.Id && peer.IsReachable), patience.Token);
        Assert.Equal("fleet", nodeOne.NetworkName);

        await authority.DestroyAsync(nodeOne.Id, patience.Token);

        var left = await developer.Client().ListNodesAsync(authority.Network, cancellationToken: patience.Token);
        Assert.Equal([nodeTwo.Id.ToString()], left.Items.Select(node => node.Id));
        // A newcomer that has heard of the removal tells the others.
        await using var third = await Node.ExportAsync(authority.Network, Developer.NodeOptions("three"), patience.Token);
        var three = await authority.CertifyAsync(third.Text, new() { Contacts = [await Developer.ContactAsync(host, nodeTwo, patience.Token)] });
        await using var nodeThree = await third.ImportAsync(three.Admission, patience.Token);
        await nodeTwo.WaitForAsync(node => node.Peers.All(peer => peer.Id != nodeOne.Id) && node.Peers.Any(peer => peer.Id == nodeThree.Id && peer.IsReachable), patience.Token);
        var again = await Assert.ThrowsAsync<ControlPlaneException>(() => authority.CertifyAsync(first.Text, cancellationToken: patience.Token));
        Assert.Equal(ControlPlaneError.StatementRefused, again.Code);
    }

    [Fact]
    public async Task Names_and_places_follow_what_was_signed()
    {
        await using var plane = await StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var authority = await developer.FoundAsync();
        var client = developer.Client();
        using var key = IdentityKey.Generate();
        await authority.CertifyAsync(Developer.Information(authority.Network, "van", key), new() { SubCluster = new("north") });
        await authority.CertifyAsync(Developer.Information(authority.Network, "car"), new() { SubCluster = new("north"), ExternalUserId = "user/7" });

        await authority.RenameAsync(key.Id, "lorry");
        await authority.MoveAsync(key.Id, new("south"));

        var node = await client.GetNodeAsync(authority.Network, key.Id);
        Assert.Equal(("lorry", "south", "valid"), (node.Name, node.SubCluster, node.Status));
        Assert.Equal(["lorry"], await NamesAsync(new() { SubCluster = "south" }));
        Assert.Equal(["lorry"], await NamesAsync(new() { Name = "lorry" }));
        Assert.Equal(["lorry"], await NamesAsync(new() { User = node.User }));
        Assert.Equal(["car"], await NamesAsync(new() { ExternalUserId = "user/7" }));
        var parts = await client.ListSubClustersAsync(authority.Network);
        Assert.Equal([("north", 1L), ("south", 1L)], parts.Items.Select(part => (part.Name, part.Nodes)));

        async Task<IEnumerable<string>> NamesAsync(NodeFilter filter) => (await client.ListNodesAsync(authority.Network, filter)).Items.Select(found => found.Name);
    }

    [Fact]
    public async Task A_list_goes_on_where_it_ended()
    {
        await using var plane = await StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var authority = await developer.FoundAsync();
        for (var i = 0; i < 5; i++) { await authority.CertifyAsync(Developer.Information(authority.Network, $"node{i}")); }

        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = await plane.SendAsync<Client.Contracts.Page<Client.Contracts.Networks.NodeView>>(
                "GET", $"/v1/networks/{authority.Network}/nodes?limit=2" + (cursor is null ? "" : "&cursor=" + cursor), developer.Token);
            Assert.InRange(page.Items.Count, 1, 2);
            names.AddRange(page.Items.Select(node => node.Name));
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(["node0", "node1", "node2", "node3", "node4"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_was_signed_outlives_a_restart()
    {
        await using var plane = await StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var authority = await developer.FoundAsync();
        using var key = IdentityKey.Generate();
        await authority.CertifyAsync(Developer.Information(authority.Network, "van", key));
        await authority.RenameAsync(key.Id, "lorry");

        await plane.RestartAsync();

        var again = await developer.OpenAsync(authority.Network, developer.Key);
        Assert.Equal(authority.Log.Digest, again.Log.Digest);
        Assert.Equal("lorry", (await developer.Client().GetNodeAsync(authority.Network, key.Id)).Name);
    }

    [Fact]
    public async Task Two_processes_with_one_key_take_turns()
    {
        await using var plane = await StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var one = await developer.FoundAsync();
        var other = await developer.OpenAsync(one.Network, developer.Key);
        var keys = Enumerable.Range(0, 6).Select(_ => IdentityKey.Generate()).ToArray();
        foreach (var key in keys) { await one.CertifyAsync(Developer.Information(one.Network, "before", key)); }

        await Task.WhenAll(keys.Select((key, i) => (i % 2 == 0 ? one : other).RenameAsync(key.Id, $"after{i}")));

        var nodes = await developer.Client().ListNodesAsync(one.Network);
        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"after{i}"), nodes.Items.Select(node => node.Name).Order(StringComparer.Ordinal));
        foreach (var key in keys) { key.Dispose(); }
    }

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("\"; DROP TABLE network_nodes; --")]
    [InlineData("%' AND node > '")]
    [InlineData("\0")]
    [InlineData("../../..")]
    public async Task Texts_in_filters_are_values(string text)
    {
        await using var plane = await StartAsync();
        using var developer = await Developer.CreateAsync(plane);
        var fleet = await developer.FoundAsync();
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "van"));

        foreach (var filter in new[] { "name", "user", "subCluster", "externalUserId" })
        {
            using var response = await plane.SendAsync("GET", $"/v1/networks/{fleet.Network}/nodes?{filter}={Uri.EscapeDataString(text)}", developer.Token);
            Assert.True((int)response.StatusCode is 200 or 400);
            if (response.IsSuccessStatusCode)
            {
                var page = System.Text.Json.JsonSerializer.Deserialize<Client.Contracts.Page<Client.Contracts.Networks.NodeView>>(await response.Content.ReadAsStringAsync(), ApiJson.Options)!;
                Assert.Empty(page.Items);
            }
        }
        Assert.Single((await developer.Client().ListNodesAsync(fleet.Network)).Items);
    }
}
