using Coco.Storage;

namespace Coco.Tests.Networks;

public sealed class StoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-node-");
    private readonly StoreKey _key = StoreKey.FromPassphrase("correct horse");

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_node_that_starts_again_from_its_store_is_who_it_was_and_finds_the_others()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var bob = await network.JoinAsync(ada, "bob", change: Stored);
        var id = bob.Id;
        await network.AllSeeAsync(ada, bob);
        await bob.DisposeAsync();
        await ada.WaitForAsync(static node => node.Peers.All(static peer => !peer.IsReachable), network.Patience);

        bob = network.Own(await Node.StartAsync(Stored(TestNetwork.Options("")), network.Patience));

        Assert.Equal((id, "bob"), (bob.Id, bob.Name));
        await network.AllSeeAsync(ada, bob);
        await network.ExchangeAsync(ada, bob, "bob");
    }

    [Fact]
    public async Task A_founder_that_starts_again_is_the_owner_still()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync(change: Stored);
        var user = ada.User;
        await ada.DisposeAsync();

        ada = network.Own(await Node.StartAsync(Stored(TestNetwork.Options("")), network.Patience));

        Assert.Equal((user, "home"), (ada.User, ada.NetworkName));
        await network.JoinAsync(ada, "bob");
    }

    [Fact]
    public async Task Another_passphrase_opens_nothing_and_harms_nothing()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync(change: Stored);
        await ada.DisposeAsync();
        using var wrong = StoreKey.FromPassphrase("battery staple");

        var failure = await Assert.ThrowsAsync<CocoException>(() => Node.StartAsync(Stored(TestNetwork.Options("")) with { StoreKey = wrong }, network.Patience));

        Assert.Equal(CocoError.WrongPassphrase, failure.Code);
        network.Own(await Node.StartAsync(Stored(TestNetwork.Options("")), network.Patience));
    }

    [Fact]
    public async Task A_store_that_has_a_node_takes_no_other_and_one_that_is_open_not_the_same()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync(change: Stored);
        var open = await Assert.ThrowsAsync<CocoException>(() => Node.StartAsync(Stored(TestNetwork.Options("")), network.Patience));
        Assert.Equal(CocoError.StoreInUse, open.Code);
        await ada.DisposeAsync();

        var taken = await Assert.ThrowsAsync<CocoException>(() => network.CreateAsync("eve", Stored));
        Assert.Equal(CocoError.StoreExists, taken.Code);
    }

    [Fact]
    public async Task There_is_nothing_to_start_from_where_there_is_no_store()
    {
        var failure = await Assert.ThrowsAsync<CocoException>(() => Node.StartAsync(Stored(TestNetwork.Options(""))));

        Assert.Equal(CocoError.StoreNotFound, failure.Code);
    }

    [Fact]
    public async Task A_newcomer_whose_join_failed_comes_again_as_the_same_node()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        NodeOptions Options(string name) => Stored(TestNetwork.Options(name));
        Coco.Crypto.NodeId first;
        await using (var export = await Node.ExportAsync(ada.Network, Options("bob"), network.Patience)) { first = export.Id; }

        var bob = await network.JoinAsync(ada, "bob", change: Stored);

        Assert.Equal(first, bob.Id);
    }

    [Fact]
    public async Task A_node_that_keeps_its_keys_only_is_let_in_again_and_hears_the_rest_anew()
    {
        NodeOptions KeysOnly(NodeOptions options) => Stored(options) with { StorePolicy = StorePolicy.KeysOnly };
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var bob = await network.JoinAsync(ada, "bob", change: KeysOnly);
        var carol = await network.JoinAsync(ada, "carol");
        await network.AllSeeAsync(ada, bob, carol);
        var id = bob.Id;
        await bob.DisposeAsync();

        bob = network.Own(await Node.StartAsync(KeysOnly(TestNetwork.Options("")), network.Patience));

        Assert.Equal((id, "bob"), (bob.Id, bob.Name));
        await network.AllSeeAsync(ada, bob, carol);
        Assert.Equal("home", bob.NetworkName);
        await network.ExchangeAsync(bob, carol, "carol");
    }

    [Fact]
    public async Task An_ephemeral_node_works_and_leaves_no_file()
    {
        NodeOptions Nothing(NodeOptions options) => Stored(options) with { StorePolicy = StorePolicy.None };
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync(change: Nothing);
        var bob = await network.JoinAsync(ada, "bob", change: Nothing);
        await network.ExchangeAsync(ada, bob);
        await bob.DisposeAsync();
        await ada.DisposeAsync();

        Assert.Empty(_folder.GetFileSystemInfos());
        var failure = await Assert.ThrowsAsync<CocoException>(() => Node.StartAsync(Nothing(TestNetwork.Options(""))));
        Assert.Equal(CocoError.Invalid, failure.Code);
    }

    private NodeOptions Stored(NodeOptions options) => options with { StorePath = Path.Combine(_folder.FullName, "node"), StoreKey = _key };
}
