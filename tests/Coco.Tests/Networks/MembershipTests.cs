using System.Diagnostics;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;

namespace Coco.Tests.Networks;

public sealed class MembershipTests
{
    [Fact]
    public async Task A_removed_node_loses_its_connections_with_all_others_within_a_second()
    {
        await using var network = new TestNetwork();
        var nodes = await network.OfAsync(5);
        var eve = nodes[4];
        var calls = await Task.WhenAll(nodes[..4].Select(node => node.ConnectAsync(eve.Id, network.Patience)));

        var start = Stopwatch.GetTimestamp();
        await nodes[0].RemoveAsync(eve.Id, network.Patience);
        await Task.WhenAll(calls.Select(call => call.Closed)).WaitAsync(network.Patience);
        await Task.WhenAll(nodes[..4].Select(node => node.WaitForAsync(one => one.Peers.All(peer => peer.Id != eve.Id), network.Patience)));
        var took = Stopwatch.GetElapsedTime(start);

        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        await eve.WaitForAsync(static node => node.IsRemoved, network.Patience);
        var failure = await Assert.ThrowsAsync<CocoException>(() => eve.ConnectAsync(nodes[1].Id, network.Patience));
        Assert.Equal(CocoError.Removed, failure.Code);
    }

    [Fact]
    public async Task A_removed_user_loses_every_node()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var bob = await network.JoinAsync(ada, "bob");

        await ada.RemoveAsync(bob.User, network.Patience);

        await bob.WaitForAsync(static node => node.IsRemoved, network.Patience);
        await ada.WaitForAsync(static node => node.Peers.Count == 0, network.Patience);
    }

    [Fact]
    public async Task A_service_is_denied_until_the_policy_allows_it()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var bob = await network.JoinAsync(ada, "bob");
        await using var call = await bob.ConnectAsync(ada.Id, network.Patience);

        var failure = await Assert.ThrowsAsync<CocoException>(() => call.OpenServiceAsync("ssh", network.Patience));
        Assert.Equal(CocoError.Denied, failure.Code);

        Assert.True(Policy.TryParse("coco policy 1\nallow service ssh from app org.example.chat\n", out var policy, out _));
        await ada.SetPolicyAsync(policy, network.Patience);
        await using var allowed = await call.OpenServiceAsync("ssh", network.Patience);
        await network.SayAsync(allowed, "hello");
        await using var session = await ada.AcceptAsync(network.Patience);
        var (service, stream) = await session.AcceptServiceAsync(network.Patience);
        Assert.Equal(("ssh", "hello"), (service, await network.HearAsync(stream)));
    }

    [Fact]
    public async Task The_owner_may_use_every_service()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var bob = await network.JoinAsync(ada, "bob");
        await using var call = await ada.ConnectAsync(bob.Id, network.Patience);

        await using var stream = await call.OpenServiceAsync("ssh", network.Patience);

        Assert.True(stream.CanWrite);
    }

    [Fact]
    public async Task A_node_that_is_renamed_is_found_by_its_new_name()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var bob = await network.JoinAsync(ada, "bob");
        var carol = await network.JoinAsync(ada, "carol");
        await network.AllSeeAsync(ada, bob, carol);

        await ada.RenameAsync(bob.Id, "robert", network.Patience);

        await carol.WaitForAsync(static node => node.Peers.Any(static peer => peer.Name == "robert"), network.Patience);
        await network.ExchangeAsync(carol, bob, "robert");
        var failure = await Assert.ThrowsAsync<CocoException>(() => carol.ConnectAsync("bob", network.Patience));
        Assert.Equal(CocoError.NotFound, failure.Code);
    }

    [Fact]
    public async Task Ownership_goes_to_who_agreed_and_comes_back_with_the_recovery_key()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var recovery = ada.TakeRecoveryKey();
        Assert.NotNull(recovery);
        Assert.Null(ada.TakeRecoveryKey());
        var bob = await network.JoinAsync(ada, "bob");

        await ada.TransferOwnershipAsync(bob.User, await bob.AgreeToOwnAsync(network.Patience), network.Patience);
        await bob.WaitForAsync(static node => node.Role is Role.Owner, network.Patience);
        Assert.NotEqual(Role.Owner, ada.Role);

        Assert.NotEqual(recovery, await ada.RecoverAsync(recovery, network.Patience));
        await bob.WaitForAsync(static node => node.Role is not Role.Owner, network.Patience);
        await ada.WaitForAsync(static node => node.Role is Role.Owner, network.Patience);
    }

    [Fact]
    public async Task A_guest_who_is_made_an_admin_may_invite()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var bob = await network.JoinAsync(ada, "bob");

        await ada.GrantAsync(bob.User, Role.Admin, network.Patience);
        await bob.WaitForAsync(static node => node.Role is Role.Admin, network.Patience);

        var carol = await network.JoinAsync(bob, "carol");
        await network.AllSeeAsync(ada, bob, carol);
    }
}
