using Coco.Cluster.Grants;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Crypto;
using Coco.Traversal;
using Coco.Traversal.Records;

namespace Coco.Cluster.Tests.Members;

public sealed class MemberTimeTests
{
    [Fact]
    public void A_node_that_boots_in_1970_is_told_the_time_and_honours_nothing_that_has_expired()
    {
        var world = new MemberSimulation(61);
        var owner = world.Create();
        world.RunFor(0.1);
        var device = world.Admit(owner, "device", set: node => (node.Clock, node.IsClockTrusted) = (5, false));
        var guest = world.Admit(owner, "guest");
        Assert.True(world.RunUntil(world.AllReachable, 10));
        Assert.True(ResourcePattern.TryParse("door", out var door));
        world.Act(owner, member => member.GrantResource(ResourceGrant.ToUser(guest.Keys.UserId, door, [], until: 1_700_000_000), world.Now));
        world.RunFor(1);

        Assert.True(device.Running.Time(world.Now).IsTrusted);
        Assert.InRange(device.Running.Time(world.Now).UnixSeconds, 1_800_000_000UL, 1_800_000_100UL);
        Assert.Equal(GrantOutcome.Expired, device.Running.CheckGrant(guest.Id, "door", "open", world.Now).Outcome);
        Assert.Equal(GrantOutcome.IsOwner, device.Running.CheckGrant(owner.Id, "door", "open", world.Now).Outcome);

        world.Crash(owner);
        world.Crash(guest);
        world.Crash(device);
        world.Restart(device);
        world.Restart(guest);
        world.RunFor(5);
        Assert.False(device.Running.Time(world.Now).IsTrusted);
        Assert.Equal(GrantOutcome.Expired, device.Running.CheckGrant(guest.Id, "door", "open", world.Now).Outcome);
    }

    [Fact]
    public void An_owner_that_was_not_sure_of_the_time_is_asked_again()
    {
        var world = new MemberSimulation(68);
        var owner = world.Create(set: static node => node.IsClockTrusted = false);
        world.RunFor(0.1);
        var device = world.Admit(owner, "device", set: node => (node.Clock, node.IsClockTrusted) = (5, false));
        Assert.True(world.RunUntil(world.AllReachable, 10));
        world.RunFor(10);
        Assert.False(device.Running.Time(world.Now).IsTrusted);

        world.Act(owner, member => { member.HandleClock(1_800_000_000 + (ulong)world.Now.TotalSeconds, isTrusted: true, world.Now); return 0; });
        world.RunFor(301);
        Assert.True(device.Running.Time(world.Now).IsTrusted);
    }

    [Fact]
    public void An_owners_machine_that_boots_in_2100_signs_no_such_time()
    {
        var world = new MemberSimulation(69);
        var owner = world.Create();
        world.RunFor(0.1);
        var device = world.Admit(owner, "device", set: node => (node.Clock, node.IsClockTrusted) = (5, false));
        Assert.True(world.RunUntil(world.AllReachable, 10));
        world.RunFor(2 * 3600); // so that the owner has written down what time it is
        world.Crash(owner);
        owner.Clock = 4_102_444_800;
        world.Restart(owner);
        Assert.True(world.RunUntil(world.AllReachable, 30));
        world.Act(owner, member => member.Rename(device.Id, "door", world.Now));
        world.RunFor(400);
        Assert.All(world.Nodes, node => Assert.InRange(node.Running.Time(world.Now).UnixSeconds, 1_800_000_000UL, 1_800_100_000UL));
    }

    [Fact]
    public void A_guest_does_not_say_what_time_it_is()
    {
        var world = new MemberSimulation(62);
        var owner = world.Create();
        world.RunFor(0.1);
        var guest = world.Admit(owner, "guest", set: node => node.Clock = 4_000_000_000);
        var device = world.Admit(owner, "device", set: node => (node.Clock, node.IsClockTrusted) = (5, false));
        world.Crash(owner);
        world.Connect(guest, device);
        world.RunFor(3);

        Assert.Contains(guest.Id, device.Verified);
        Assert.False(device.Running.Time(world.Now).IsTrusted);
        Assert.True(device.Running.Time(world.Now).UnixSeconds < 1_900_000_000);
    }

    [Fact]
    public void The_newest_address_record_of_a_node_is_known_to_all_and_kept()
    {
        var world = new MemberSimulation(63);
        var owner = world.Create();
        world.RunFor(0.1);
        var (one, two) = (world.Admit(owner, "one"), world.Admit(owner, "two"));
        Assert.True(world.RunUntil(world.AllReachable, 10));
        foreach (var sequence in new ulong[] { 2, 1, 3, 2 })
        {
            world.Act(one, member => { member.HandleAddressRecord(RecordOf(one.Keys.Node, sequence), world.Now); return 0; });
            world.Act(owner, member => { member.HandleAddressRecord(RecordOf(one.Keys.Node, sequence), world.Now); return 0; });
        }
        world.Act(owner, member => { member.HandleAddressRecord(RecordOf(IdentityKey.FromSeed(new byte[32]), 1), world.Now); return 0; });
        world.RunFor(1);
        world.Crash(two);
        world.Restart(two);

        Assert.All(world.Nodes, node => Assert.Equal(3UL, node.Running.AddressOf(one.Id)?.Sequence));
        Assert.Null(owner.Running.AddressOf(IdentityKey.FromSeed(new byte[32]).Id));
    }

    [Fact]
    public void Whoever_was_removed_does_not_know_the_others_on_a_lan()
    {
        var world = new MemberSimulation(64);
        var owner = world.Create();
        world.RunFor(0.1);
        var (one, two) = (world.Admit(owner, "one"), world.Admit(owner, "two"));
        Assert.True(world.RunUntil(world.AllReachable, 10));
        var nonce = new byte[Coco.Cluster.Discovery.DiscoveryKey.NonceSize];
        var before = owner.Running.Discovery!.Blind(nonce);
        Assert.Equal(before, one.Running.Discovery!.Blind(nonce));
        world.Act(owner, member => member.RemoveNode(one.Id, world.Now));
        world.RunFor(5);

        Assert.NotEqual(before, owner.Running.Discovery!.Blind(nonce));
        Assert.Equal(owner.Running.Discovery!.Blind(nonce), two.Running.Discovery!.Blind(nonce));
        Assert.Equal(before, one.Running.Discovery!.Blind(nonce));
    }

    [Fact]
    public void A_remover_that_dies_at_once_leaves_the_key_to_another_in_office()
    {
        var world = new MemberSimulation(65);
        var owner = world.Create();
        world.RunFor(0.1);
        var (one, two, admin) = (world.Admit(owner, "one"), world.Admit(owner, "two"), world.Admit(owner, "admin", Role.Admin));
        Assert.True(world.RunUntil(world.AllReachable, 10));
        var nonce = new byte[Coco.Cluster.Discovery.DiscoveryKey.NonceSize];
        var before = two.Running.Discovery!.Blind(nonce);
        world.Act(owner, member => member.RemoveNode(one.Id, world.Now));
        world.RunFor(1);
        world.Crash(owner);
        world.RunFor(90);

        Assert.NotEqual(before, admin.Running.Discovery!.Blind(nonce));
        Assert.Equal(admin.Running.Discovery!.Blind(nonce), two.Running.Discovery!.Blind(nonce));
        var count = admin.Running.EffectiveStatements.Count;
        world.Restart(owner);
        world.RunFor(90);
        Assert.Equal(count, admin.Running.EffectiveStatements.Count); // one key is enough
        Assert.Single(new[] { owner, two, admin }.Select(MemberSimulation.StateOf).Distinct());
    }

    [Fact]
    public void A_remover_that_dies_alone_changes_the_key_when_it_is_back()
    {
        var world = new MemberSimulation(66);
        var owner = world.Create();
        world.RunFor(0.1);
        var one = world.Admit(owner, "one");
        Assert.True(world.RunUntil(world.AllReachable, 10));
        var nonce = new byte[Coco.Cluster.Discovery.DiscoveryKey.NonceSize];
        var before = owner.Running.Discovery!.Blind(nonce);
        world.Act(owner, member => member.RemoveNode(one.Id, world.Now));
        world.RunFor(1);
        world.Crash(owner);
        world.Restart(owner);
        Assert.Equal(before, owner.Running.Discovery!.Blind(nonce));
        world.RunFor(90);
        Assert.NotEqual(before, owner.Running.Discovery!.Blind(nonce));
    }

    [Fact]
    public void Whoever_renames_the_network_meanwhile_brings_no_old_key_back()
    {
        var world = new MemberSimulation(67);
        var owner = world.Create();
        world.RunFor(0.1);
        var (one, two, admin) = (world.Admit(owner, "one"), world.Admit(owner, "two"), world.Admit(owner, "admin", Role.Admin));
        Assert.True(world.RunUntil(world.AllReachable, 10));
        var nonce = new byte[Coco.Cluster.Discovery.DiscoveryKey.NonceSize];
        var before = owner.Running.Discovery!.Blind(nonce);
        world.Partition(node => node == admin ? 1 : 0);
        var settings = admin.Running.State.Settings!;
        var log = WelcomeStatements.Load(admin.Running.Network, admin.Running.StatementsForNewcomer(), new());
        var author = new StatementAuthor(admin.Keys.User, log);
        // Deeper than what the owner says meanwhile, so that it is the write that counts.
        for (var i = 0; i < 5; i++) { author.State(settings with { Name = $"name {i}" }, 1_800_000_000); }
        world.Act(owner, member => member.RemoveNode(one.Id, world.Now));
        world.RunFor(5);
        foreach (var statement in log.CollectMissing([], [], int.MaxValue))
        {
            byte[] body = [0, 0, .. Town.WithLength(statement.Encoded.Span)];
            world.Act(owner, member => { member.HandleFrames(two.Id, Town.Frame(MeshFrameType.Statements, body), world.Now); return 0; });
        }

        Assert.Equal("name 4", owner.Running.State.Name);
        Assert.NotEqual(before, owner.Running.Discovery!.Blind(nonce));
    }

    private static AddressRecord RecordOf(IdentityKey key, ulong sequence)
    {
        Assert.True(NetworkAddress.TryParse("192.0.2.1:4433", out var address));
        return AddressRecord.Sign(key, sequence, 2_000_000_000, [], [address]);
    }
}
