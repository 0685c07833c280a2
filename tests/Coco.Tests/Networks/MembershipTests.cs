using System.Diagnostics;
using Coco.Cluster.Grants;
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

    [Fact]
    public async Task A_policy_by_tag_lets_one_node_use_a_service_and_not_another()
    {
        await using var network = new TestNetwork();
        var ada = network.Own(await Node.CreateNetworkAsync(new() { Name = "home", Tags = ["server"] }, TestNetwork.Options("ada"), network.Patience));
        var ticket = await ada.InviteAsync(new() { Tags = ["family", "laptop"] }, network.Patience);
        var bob = network.Own(await Node.JoinAsync(ticket, TestNetwork.Options("bob"), network.Patience));
        var carol = await network.JoinAsync(ada, "carol");
        await network.AllSeeAsync(ada, bob, carol);
        Assert.Equal(["family", "laptop"], carol.Peers.Single(peer => peer.Id == bob.Id).Tags);
        Assert.Equal(["server"], bob.Peers.Single(peer => peer.Id == ada.Id).Tags);

        Assert.True(Policy.TryParse("coco policy 1\nallow service files from tag family to tag server\n", out var policy, out _));
        await ada.SetPolicyAsync(policy, network.Patience);
        await using var fromBob = await bob.ConnectAsync(ada.Id, network.Patience);
        await using var fromCarol = await carol.ConnectAsync(ada.Id, network.Patience);
        await using var allowed = await fromBob.OpenServiceAsync("files", network.Patience);
        var denied = await Assert.ThrowsAsync<CocoException>(() => fromCarol.OpenServiceAsync("files", network.Patience));
        Assert.Equal(CocoError.Denied, denied.Code);
    }

    [Fact]
    public async Task Tags_that_are_none_are_refused_where_they_are_given()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();

        var failure = await Assert.ThrowsAsync<CocoException>(() => ada.InviteAsync(new() { Tags = ["Not a tag"] }, network.Patience));
        Assert.Equal(CocoError.Invalid, failure.Code);
    }

    [Fact]
    public async Task Access_that_was_granted_is_known_where_it_is_asked_for()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var (bob, carol) = (await network.JoinAsync(ada, "bob"), await network.JoinAsync(ada, "carol"));
        await network.AllSeeAsync(ada, bob, carol);
        Assert.True(ResourcePattern.TryParse("home/door/#", out var doors));

        var grant = await ada.GrantAsync(ResourceGrant.ToUser(bob.User, doors, ["open"]), network.Patience);
        await carol.WaitForAsync(node => node.CheckGrantAsync(bob.Id, "home/door/front", "open").Result.IsAllowed, network.Patience);
        Assert.Equal(GrantOutcome.OtherAction, (await carol.CheckGrantAsync(bob.Id, "home/door/front", "lock", network.Patience)).Outcome);
        Assert.Equal(GrantOutcome.IsOwner, (await carol.CheckGrantAsync(ada.Id, "home/door/front", "lock", network.Patience)).Outcome);

        await ada.RevokeGrantAsync(grant, network.Patience);
        Assert.False((await ada.CheckGrantAsync(bob.Id, "home/door/front", "open", network.Patience)).IsAllowed);
    }

    [Fact]
    public async Task A_network_that_was_compacted_goes_on_and_takes_members()
    {
        await using var network = new TestNetwork();
        var ada = await network.CreateAsync();
        var bob = await network.JoinAsync(ada, "bob");
        for (var i = 0; i < 10; i++) { await ada.RenameAsync(bob.Id, $"bob {i}", network.Patience); }
        var refused = await Assert.ThrowsAsync<CocoException>(() => bob.CompactAsync(network.Patience));
        Assert.Equal(CocoError.NotPermitted, refused.Code);

        await ada.CompactAsync(network.Patience);
        var carol = await network.JoinAsync(ada, "carol");
        await network.AllSeeAsync(ada, bob, carol);
        await network.ExchangeAsync(carol, bob, "bob 9");
    }
}
