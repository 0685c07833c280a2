using Coco.Cluster.Membership;

namespace Coco.Tests.Networks;

/// <summary>Recovery keys as apps make, replace and use them.</summary>
public sealed class RecoveryKeyTests
{
    [Fact]
    public async Task A_key_that_replaces_another_with_its_word_is_the_only_one_that_recovers()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var first = ada.TakeRecoveryKey()!;
        var bob = await network.JoinAsync(ada, "bob");

        var second = await ada.SetRecoveryKeyAsync(first, network.Patience);
        var wrong = await Assert.ThrowsAsync<CocoException>(() => ada.SetRecoveryKeyAsync(first, network.Patience));
        await ada.RenameAsync(bob.Id, "robert", network.Patience); // follows it
        await bob.WaitForAsync(static node => node.Name == "robert", network.Patience);
        var old = await Assert.ThrowsAsync<CocoException>(() => bob.RecoverAsync(first, network.Patience));
        await bob.RecoverAsync(second, network.Patience);

        Assert.Equal((CocoError.NotPermitted, CocoError.NotPermitted), (wrong.Code, old.Code));
        Assert.Equal(Role.Owner, bob.Role);
        await ada.WaitForAsync(static node => node.Role is not Role.Owner, network.Patience);
    }

    [Fact]
    public async Task A_thief_of_the_owners_key_names_another_in_vain()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var first = ada.TakeRecoveryKey()!;
        var bob = await network.JoinAsync(ada, "bob");
        await ada.RenameAsync(bob.Id, "robert", network.Patience);
        await bob.WaitForAsync(static node => node.Name == "robert", network.Patience);

        // Whoever has the owner's key can do this, and has not the recovery key.
        var thiefs = await ada.SetRecoveryKeyAsync(cancellationToken: network.Patience);
        await ada.RenameAsync(bob.Id, "nobody", network.Patience);
        await bob.WaitForAsync(static node => node.Name == "nobody", network.Patience);
        await bob.RecoverAsync(first, network.Patience);

        Assert.Equal((Role.Owner, "robert"), (bob.Role, bob.Name)); // what came before stays, what came after is undone
        await ada.WaitForAsync(static node => node.Role is not Role.Owner, network.Patience);
        await Assert.ThrowsAsync<CocoException>(() => ada.RecoverAsync(thiefs, network.Patience));
        await Assert.ThrowsAsync<CocoException>(() => ada.RecoverAsync(first, network.Patience)); // it was used
    }

    [Fact]
    public async Task A_network_without_one_gets_one_and_gives_it_up_again()
    {
        await using var network = new TestNetwork();
        var ada = network.Own(await Node.CreateNetworkAsync(new() { Name = "home", HasRecoveryKey = false }, TestNetwork.Options("ada"), network.Patience));
        Assert.Null(ada.TakeRecoveryKey());
        var bob = await network.JoinAsync(ada, "bob");

        var made = await ada.SetRecoveryKeyAsync(cancellationToken: network.Patience);
        await ada.RemoveRecoveryKeyAsync(made, network.Patience);

        Assert.StartsWith("cocorecovery1", made, StringComparison.Ordinal);
        await Assert.ThrowsAsync<CocoException>(() => ada.RecoverAsync(made, network.Patience));
        Assert.Equal(Role.Owner, ada.Role);
        Assert.NotEqual(Role.Owner, bob.Role);
    }

    [Fact]
    public async Task Only_the_owner_names_one_and_what_is_no_key_is_said_so()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var bob = await network.JoinAsync(ada, "bob");

        Assert.Equal(CocoError.NotPermitted, (await Assert.ThrowsAsync<CocoException>(() => bob.SetRecoveryKeyAsync(cancellationToken: network.Patience))).Code);
        Assert.Equal(CocoError.InvalidText, (await Assert.ThrowsAsync<CocoException>(() => ada.SetRecoveryKeyAsync("cocorecovery1nonsense", network.Patience))).Code);
        Assert.Equal(CocoError.InvalidText, (await Assert.ThrowsAsync<CocoException>(() => ada.RemoveRecoveryKeyAsync("", network.Patience))).Code);
    }
}
