using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Cluster.Members;
using Coco.Traversal;
using Coco.Traversal.Records;

namespace Coco.Cluster.Tests.Members;

public sealed class MemberStoreTests(ITestOutputHelper output)
{
    [Fact]
    public void Members_forget_what_a_snapshot_stands_for_when_it_has_stood_for_some_time_also_over_restarts()
    {
        var world = new MemberSimulation(91) { Options = new() { CompactAfter = TimeSpan.FromHours(5) } };
        var owner = world.Create();
        world.RunFor(0.1);
        var (one, two) = (world.Admit(owner, "one"), world.Admit(owner, "two"));
        Assert.True(world.RunUntil(world.AllReachable, 10));
        for (byte i = 0; i < 50; i++) { world.Act(owner, member => member.Rename(one.Id, $"name {i}", world.Now)); }
        world.RunFor(5); // so that the others have heard of it all
        world.Act(owner, member => { member.Compact(world.Now); return 0; });
        world.RunFor(5);
        Assert.True(owner.Running.EffectiveStatements.Count < 5);
        var before = MemberSimulation.StateOf(one);

        world.RunFor(3 * 3600);
        Assert.True(one.Disk.Keys.Count(static key => key.Table is MemberTable.Statements) > 50);
        world.Crash(one);
        world.Restart(one);
        world.RunFor(3.1 * 3600);
        Assert.All(new[] { one, two }, node =>
        {
            Assert.NotEmpty(node.Running.Package);
            Assert.True(node.Running.EffectiveStatements.Count < 5);
            Assert.True(node.Disk.Keys.Count(static key => key.Table is MemberTable.Statements) < 5);
            Assert.Equal(before, MemberSimulation.StateOf(node));
        });

        // They go on from what they kept, and have the same as the owner.
        world.Crash(one);
        world.Restart(one);
        world.Act(owner, member => member.Rename(two.Id, "kitchen", world.Now));
        Assert.True(world.RunUntil(() => world.AllReachable() && world.HaveOneState(), 30));
        Assert.True(one.Running.TryFind("kitchen", out _));
        Assert.True(world.Nodes.Select(static node => node.Running.EffectiveStatements.Count).Distinct().Count() == 1);
    }

    [Fact]
    public void A_crash_between_any_two_writes_loses_nothing_that_was_acknowledged()
    {
        // The same story is told again and again, and ends one write later each time.
        for (var writes = 1; writes < 60; writes++)
        {
            var world = new MemberSimulation(51);
            var owner = world.Create();
            world.RunFor(0.1);
            var one = world.Admit(owner, "one");
            Assert.True(world.RunUntil(world.AllReachable, 10));
            owner.WritesLeft = writes;
            var done = Story(world, owner, one);
            world.Crash(owner);
            owner.WritesLeft = int.MaxValue;
            world.Restart(owner);
            foreach (var check in done) { check(owner.Running); }
            world.RunFor(5);
            Assert.True(world.RunUntil(() => world.HaveOneState() && world.AllReachable(), 30), $"after {writes} writes");
            Assert.DoesNotContain(one.Events, happened => happened is MemberEvent.Equivocation);
            if (owner.StoredWrites < writes) { return; }
        }
        Assert.Fail("The story never ends.");
    }

    [Fact]
    public void What_could_not_be_stored_is_written_again_and_not_said_before()
    {
        var world = new MemberSimulation(52);
        var owner = world.Create();
        world.RunFor(0.1);
        var one = world.Admit(owner, "one");
        Assert.True(world.RunUntil(world.AllReachable, 10));
        owner.StoreFailures = 3;
        world.Act(owner, member => member.Rename(one.Id, "other", world.Now));
        world.RunFor(0.9);
        Assert.False(one.Running.TryFind("other", out _));

        world.RunFor(5);
        Assert.True(one.Running.TryFind("other", out _));
        Assert.True(world.HaveOneState());
    }

    [Fact]
    public void Where_a_removed_node_lived_is_forgotten_and_that_it_was_removed_is_not()
    {
        var world = new MemberSimulation(57);
        var owner = world.Create();
        world.RunFor(0.1);
        var (one, two) = (world.Admit(owner, "one"), world.Admit(owner, "two"));
        Assert.True(world.RunUntil(world.AllReachable, 10));
        Assert.True(NetworkAddress.TryParse("192.0.2.1:4433", out var address));
        world.Act(owner, member => { member.HandleAddressRecord(AddressRecord.Sign(one.Keys.Node, 1, 2_000_000_000, [], [address]), world.Now); return 0; });
        world.RunFor(1);
        Assert.True(Holds(two, MemberTable.Certificates, one) && Holds(two, MemberTable.Addresses, one));
        world.Act(owner, member => member.RemoveNode(one.Id, world.Now));
        world.RunFor(5);

        Assert.All(new[] { owner, two }, node => Assert.False(Holds(node, MemberTable.Certificates, one) || Holds(node, MemberTable.Addresses, one)));
        Assert.DoesNotContain(two.Disk.Values, row => row.Value.Span.IndexOf(BytesOf(one)) >= 0 && row.Table is not MemberTable.Statements);
        world.Crash(two);
        world.Restart(two);
        Assert.Contains(one.Id, two.Running.State.RevokedNodes);
        Assert.True(Holds(two, MemberTable.Certificates, owner));
    }

    /// <summary>Of each other a restarted node knows the address by an even chance: who does not is asked for, and makes no links more than who does.</summary>
    [Theory, InlineData(61), InlineData(62), InlineData(63)]
    public void Nodes_that_lost_half_of_their_addresses_start_again_and_make_no_more_links_for_it(ulong seed)
    {
        const int Nodes = 30;
        var world = new MemberSimulation(seed);
        var owner = world.Create();
        world.RunFor(0.1);
        while (world.Nodes.Count < Nodes) { world.Admit(owner, $"node{world.Nodes.Count}"); }
        foreach (var node in world.Nodes)
        {
            var record = AddressRecord.Sign(node.Keys.Node, 1, 2_000_000_000, [], [Town.AddressOf(node)]);
            world.Act(node, member => { member.HandleAddressRecord(record, world.Now); return 0; });
        }
        Assert.True(world.RunUntil(world.AllReachable, 30));
        world.RunFor(60);
        foreach (var node in world.Nodes) { world.Crash(node); }
        world.RunFor(60);
        foreach (var node in world.Nodes)
        {
            foreach (var row in node.Disk.Keys.Where(row => row.Table is MemberTable.Addresses && world.Dice.Chance(0.5)).ToArray()) { node.Disk.Remove(row); }
        }
        var (before, start) = (world.Connections, world.Now);
        world.CallsNeedAddresses = true;
        foreach (var node in world.Nodes) { world.Restart(node); }

        Assert.True(world.RunUntil(world.AllReachable, 10));

        output.WriteLine($"seed {seed}: all {Nodes} within reach after {(world.Now - start).TotalSeconds:F2} s, {world.Connections - before} connections");
        Assert.InRange(world.Connections - before, Nodes - 1, Nodes * 3.2);
    }

    private static bool Holds(SimulatedNode node, MemberTable table, SimulatedNode of) => node.Disk.ContainsKey((table, Convert.ToHexString(BytesOf(of))));

    private static byte[] BytesOf(SimulatedNode node)
    {
        var bytes = new byte[Coco.Crypto.NodeId.Size];
        node.Id.CopyTo(bytes);
        return bytes;
    }

    private static readonly string[] Dispensable =
        [Convert.ToHexString("sequence"u8), Convert.ToHexString("root"u8), Convert.ToHexString("discovery"u8), Convert.ToHexString("tip"u8), Convert.ToHexString("contacts"u8)];

    [Fact]
    public void Rows_that_are_not_whole_are_refused_with_what_is_missing()
    {
        var world = new MemberSimulation(53);
        var owner = world.Create();
        world.RunFor(0.1);
        foreach (var key in owner.Disk.Keys.Where(key => key.Table is MemberTable.Self).ToArray())
        {
            var rows = owner.Disk.Where(row => row.Key != key).Select(row => row.Value).ToArray();
            // The sequence number can be done without: a node that lost it hears it from others. And so can what is for those that keep only keys.
            if (Dispensable.Contains(key.Key)) { continue; }
            Assert.Contains("restore", Assert.Throws<FormatException>(() => NetworkMember.Restore(rows, world.Options, world.HostOf(owner), world.Now)).Message, StringComparison.Ordinal);
        }
        Assert.Throws<FormatException>(() => NetworkMember.Restore([], world.Options, world.HostOf(owner), world.Now));
    }

    [Fact]
    public void Advertisements_never_use_a_sequence_number_twice()
    {
        var world = new MemberSimulation(54) { Options = new() { SequenceBlock = 16 } };
        var owner = world.Create();
        world.RunFor(0.1);
        var one = world.Admit(owner, "one");
        var used = 0UL;
        for (var life = 0; life < 10; life++)
        {
            world.RunFor(3);
            Assert.True(one.Running.Mesh.NextSequence >= used);
            used = one.Running.Mesh.NextSequence;
            world.Crash(one);
            world.Restart(one);
            Assert.True(one.Running.Mesh.NextSequence >= used);
        }
    }

    private static List<Action<NetworkMember>> Story(MemberSimulation world, SimulatedNode owner, SimulatedNode one)
    {
        var done = new List<Action<NetworkMember>>();
        Step(member => member.Rename(one.Id, "other", world.Now), (member, id) => Assert.Contains("other", member.Members.Select(other => other.Name)));
        Step(member => member.GrantRole(one.Keys.UserId, Role.Admin, world.Now), (member, id) => Assert.Equal(Role.Admin, member.State.RoleOf(one.Keys.UserId)));
        Step(member => member.Invite(new(Role.Guest, default, 2_000_000_000), null, world.Now), (member, id) => Assert.Contains(member.Tickets, ticket => ticket.Id.Equals(id)));
        if (owner.Tickets.TryDequeue(out var ticket) && owner.Member is not null)
        {
            var fresh = world.Add();
            if (world.Join(fresh, ticket, owner, "fresh"))
            {
                done.Add(member => Assert.Equal(TicketState.Used, member.Tickets.Single().State));
            }
        }
        Step(member => { member.Compact(world.Now); return 0; }, (member, _) => Assert.NotNull(member.State.Owner));
        Step(member => member.Rename(one.Id, "third", world.Now), (member, id) => Assert.Contains("third", member.Members.Select(other => other.Name)));
        return done;

        void Step<T>(Func<NetworkMember, T> act, Action<NetworkMember, T> check)
        {
            var result = world.Act(owner, act);
            world.RunFor(1);
            // Acknowledged is what was stored with everything before it.
            if (owner.WritesLeft > 0) { done.Clear(); done.Add(member => check(member, result)); }
        }
    }
}
