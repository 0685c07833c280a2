using Coco.Cluster.Membership;
using Coco.Storage;

namespace Coco.Tests.Networks;

public sealed class NodeKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coco-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_user_goes_on_with_another_key_in_the_same_office_also_after_a_restart()
    {
        await using var network = new TestNetwork();
        var owner = await network.CreateAsync();
        using var key = StoreKey.FromPassphrase("first passphrase");
        NodeOptions Stored(NodeOptions options) => options with { StorePath = Path.Combine(_folder, "admin"), StoreKey = key };
        var admin = await network.JoinAsync(owner, "bob", Role.Admin, Stored);
        var before = admin.User;

        var after = await admin.RotateUserKeyAsync(network.Patience);
        Assert.NotEqual(before, after);
        Assert.Equal((after, Role.Admin), (admin.User, admin.Role));
        await owner.WaitForAsync(node => node.Peers.Any(peer => peer.Id == admin.Id && peer.User == after && peer.Role is Role.Admin), network.Patience);

        await admin.DisposeAsync();
        var again = network.Own(await Node.StartAsync(Stored(TestNetwork.Options("bob")), network.Patience));
        Assert.Equal((after, Role.Admin), (again.User, again.Role));
        await network.AllSeeAsync(owner, again);
        await again.RenameAsync(again.Id, "robert", network.Patience); // it is in office
        await owner.WaitForAsync(static node => node.Peers.Any(static peer => peer.Name == "robert"), network.Patience);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // the guest's connection may not have shown yet that it belongs
    public async Task An_owner_goes_on_with_another_key(bool isSettled)
    {
        await using var network = new TestNetwork();
        var owner = await network.CreateAsync();
        var guest = await network.JoinAsync(owner, "bob");
        if (isSettled) { await network.AllSeeAsync(owner, guest); }
        var after = await owner.RotateUserKeyAsync(network.Patience);
        Assert.Equal((after, Role.Owner), (owner.User, owner.Role));
        await guest.WaitForAsync(node => node.Peers.Any(peer => peer.Id == owner.Id && peer.Role is Role.Owner), network.Patience);
        Assert.Equal(CocoError.NotPermitted, (await Assert.ThrowsAsync<CocoException>(() => guest.RotateUserKeyAsync(network.Patience))).Code);
    }

    [Fact]
    public async Task A_store_is_sealed_anew_under_another_passphrase()
    {
        await using var network = new TestNetwork();
        var path = Path.Combine(_folder, "node");
        using var first = StoreKey.FromPassphrase("first passphrase");
        using var second = StoreKey.FromPassphrase("second passphrase");
        var node = await network.CreateAsync("ada", options => options with { StorePath = path, StoreKey = first });
        await node.RotateStoreKeyAsync(second, network.Patience);
        await node.RotateStoreKeyAsync(cancellationToken: network.Patience);
        await node.DisposeAsync();

        await Assert.ThrowsAsync<CocoException>(() => Node.StartAsync(TestNetwork.Options("ada") with { StorePath = path, StoreKey = first }, network.Patience));
        var again = network.Own(await Node.StartAsync(TestNetwork.Options("ada") with { StorePath = path, StoreKey = second }, network.Patience));
        Assert.Equal((node.Id, node.User), (again.Id, again.User));

        var ephemeral = await network.CreateAsync("eve");
        await Assert.ThrowsAsync<CocoException>(() => ephemeral.RotateStoreKeyAsync(second, network.Patience));
    }

    [Fact]
    public async Task A_node_that_refuses_to_pass_on_says_so_to_the_others()
    {
        await using var network = new TestNetwork();
        var owner = await network.CreateAsync("ada", static options => options with { Forwards = false });
        var other = await network.JoinAsync(owner, "bob");
        Assert.False(await owner.Loop.AskAsync(static (member, _) => member.Forwards, network.Patience));
        Assert.True(await other.Loop.AskAsync(static (member, _) => member.Forwards, network.Patience));
    }
}
