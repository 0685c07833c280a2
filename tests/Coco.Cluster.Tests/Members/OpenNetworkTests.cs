using Coco.Cluster.Lookup;
using Coco.Cluster.Membership;
using Coco.Cluster.Members;
using Coco.Cluster.Mesh;
using Coco.Crypto;
using Coco.Traversal.Records;

namespace Coco.Cluster.Tests.Members;

public sealed class OpenNetworkTests
{
    [Fact]
    public void A_member_finds_one_of_another_part_by_name_and_connects_and_nobody_else_hears_of_it()
    {
        var town = Listed(41);
        var (asker, sought) = (town.Parts["red"][0], town.Parts["blue"][1]);
        Assert.False(Town.Knows(asker, sought.Id));

        Assert.Equal(DirectoryOutcome.Found, town.LookUp(asker, "blue1"));

        Assert.True(asker.Running.TryFind("blue1", out var found) && found == sought.Id);
        Assert.Equal([Town.AddressOf(sought)], asker.Running.AddressOf(found)!.Addresses);
        Assert.True(asker.Running.Mesh.Graph.SlotOf(found) < 0);
        town.World.Connect(asker, sought);
        Assert.True(town.World.RunUntil(() => asker.Verified.Contains(sought.Id) && sought.Verified.Contains(asker.Id), 5));
        town.World.RunFor(60);
        Assert.All(town.Parts["red"].Skip(1), other => Assert.False(Town.Knows(other, sought.Id)));
        Assert.All(town.Parts["green"], other => Assert.False(Town.Knows(other, sought.Id)));
    }

    [Fact]
    public void Every_member_finds_every_other_by_its_identity()
    {
        var town = Listed(42);
        var members = town.Parts.Values.SelectMany(static part => part).ToArray();
        foreach (var asker in members)
        {
            foreach (var sought in members.Where(other => other != asker)) { Assert.Equal(DirectoryOutcome.Found, town.LookUp(asker, sought.Id)); }
        }
        Assert.All(members, one => Assert.All(members.Where(other => other != one), other => Assert.NotNull(one.Running.AddressOf(other.Id))));
    }

    [Fact]
    public void A_core_node_finds_whom_it_does_not_keep()
    {
        var town = Listed(43, core: 6);
        var members = town.Parts.Values.SelectMany(static part => part).ToArray();
        foreach (var asker in town.Core)
        {
            foreach (var sought in members) { Assert.Equal(DirectoryOutcome.Found, town.LookUp(asker, sought.Id)); }
        }
    }

    [Fact]
    public void Whoever_is_not_there_is_not_found_and_whoever_was_removed_is_found_no_more()
    {
        var town = Listed(44);
        var (asker, victim) = (town.Parts["red"][0], town.Parts["blue"][0]);
        Assert.Equal(DirectoryOutcome.NotFound, town.LookUp(asker, "nobody"));
        Assert.Equal(DirectoryOutcome.NotFound, town.LookUp(asker, town.World.Add().Id));

        town.World.Act(town.Owner, member => member.RemoveNode(victim.Id, town.World.Now));
        town.World.RunFor(2);

        Assert.Equal(DirectoryOutcome.NotFound, town.LookUp(asker, victim.Id));
        Assert.Equal(DirectoryOutcome.NotFound, town.LookUp(asker, "blue0"));
    }

    [Fact]
    public void A_node_that_was_renamed_is_found_by_its_new_name_only()
    {
        var town = Listed(45);
        town.World.Act(town.Owner, member => member.Rename(town.Parts["blue"][0].Id, "azure", town.World.Now));
        town.World.RunFor(10);

        Assert.Equal(DirectoryOutcome.Found, town.LookUp(town.Parts["red"][0], "azure"));
        Assert.Equal(DirectoryOutcome.NotFound, town.LookUp(town.Parts["red"][1], "blue0"));
    }

    [Fact]
    public void A_node_that_moved_is_found_where_it_is_now()
    {
        var town = Listed(46);
        var (asker, sought) = (town.Parts["red"][0], town.Parts["blue"][0]);
        Assert.Equal(DirectoryOutcome.Found, town.LookUp(asker, sought.Id));
        town.Settle(sought, sequence: 2);
        town.World.RunFor(10);

        Assert.Equal(DirectoryOutcome.Found, town.LookUp(asker, sought.Id));
        Assert.Equal(2ul, asker.Running.AddressOf(sought.Id)!.Sequence);
    }

    [Fact]
    public void While_one_core_node_is_left_everybody_is_found()
    {
        var town = Listed(47, core: 4);
        foreach (var node in town.Core.Skip(1)) { town.World.Crash(node); }
        town.World.RunFor(40);

        Assert.Equal(DirectoryOutcome.Found, town.LookUp(town.Parts["red"][0], town.Parts["blue"][0].Id));
        Assert.Equal(DirectoryOutcome.Found, town.LookUp(town.Parts["red"][0], "green1"));
        town.World.Crash(town.Owner);
        Assert.Equal(DirectoryOutcome.NoAnswer, town.LookUp(town.Parts["red"][0], "blue1"));
    }

    [Fact]
    public void Of_two_with_one_name_both_are_known_and_one_has_it()
    {
        var town = Listed(48);
        var (one, other) = (town.World.Admit(town.Owner, "twin", subCluster: new("blue")), town.World.Admit(town.Owner, "twin", subCluster: new("green")));
        town.World.RunFor(10);

        foreach (var asker in town.Parts["red"])
        {
            Assert.Equal(DirectoryOutcome.Found, town.LookUp(asker, "twin"));
            Assert.Equal(2, asker.Running.Members.Count(member => member.Id == one.Id || member.Id == other.Id));
        }
        Assert.Single(town.Parts["red"].Select(asker => asker.Running.TryFind("twin", out var found) ? found : default).Distinct());
    }

    [Fact]
    public void Answers_that_no_honest_core_node_gives_are_not_believed_and_end_the_connection()
    {
        var town = Listed(49, core: 1);
        var (asker, keeper, sought, other) = (town.Parts["red"][0], town.Owner, town.Parts["blue"][0], town.Parts["blue"][1]);
        var foreign = new MemberSimulation(50).Create();
        var right = EntryOf(sought);
        byte[][] wrong =
        [
            Answer(EntryOf(other)),
            Answer(right with { Addresses = EntryOf(other).Addresses }),
            Answer(EntryOf(foreign)),
            Damaged(Answer(right), 60),
            Damaged(Answer(right), right.Certificate.Encoded.Length + 20),
            [1, 200],
            [1, 1],
            [],
        ];
        var dismissed = new List<(NodeId, MemberDisconnect)>();
        foreach (var answer in wrong)
        {
            Assert.Empty(dismissed);
            var number = asker.Running.LookUp(sought.Id, town.World.Now);
            Assert.Equal(keeper.Id, Assert.Single(Town.Take(asker, MeshFrameType.DirectoryLookup).Frames).To);
            asker.Running.HandleFrames(keeper.Id, Town.Frame(MeshFrameType.DirectoryFound, Numbered(answer, number)), town.World.Now);
            dismissed.AddRange(Town.Take(asker, MeshFrameType.DirectoryFound).Dismissed);
            Assert.False(Town.Knows(asker, sought.Id) || Town.Knows(asker, other.Id) || Town.Knows(asker, foreign.Id));
        }
        Assert.Equal([(keeper.Id, MemberDisconnect.Misbehaved)], dismissed);
    }

    [Fact]
    public void An_answer_that_was_not_asked_for_is_nothing()
    {
        var town = Listed(51, core: 1);
        var (asker, keeper, neighbour, sought) = (town.Parts["red"][0], town.Owner, town.Parts["red"][1], town.Parts["blue"][0]);
        var answer = Answer(EntryOf(sought));
        asker.Running.HandleFrames(keeper.Id, Town.Frame(MeshFrameType.DirectoryFound, Numbered(answer, 1)), town.World.Now);
        var number = asker.Running.LookUp(sought.Id, town.World.Now);
        asker.Running.HandleFrames(neighbour.Id, Town.Frame(MeshFrameType.DirectoryFound, Numbered(answer, number)), town.World.Now);
        asker.Running.HandleFrames(keeper.Id, Town.Frame(MeshFrameType.DirectoryFound, Numbered(answer, number + 1)), town.World.Now);

        Assert.False(Town.Knows(asker, sought.Id));
        asker.Running.HandleFrames(keeper.Id, Town.Frame(MeshFrameType.DirectoryFound, Numbered(answer, number)), town.World.Now);
        Assert.True(Town.Knows(asker, sought.Id));
    }

    [Fact]
    public void A_member_that_floods_the_directory_has_two_entries_and_so_many_answers()
    {
        var town = Listed(52, core: 1);
        var (keeper, flooder) = (town.Owner, town.Parts["red"][0]);
        var before = keeper.Running.DirectoryCount;
        Town.Take(keeper, MeshFrameType.DirectoryFound);
        for (var i = 0ul; i < 10_000; i++)
        {
            var addresses = AddressRecord.Sign(flooder.Keys.Node, i + 2, 2_000_000_000, [], [Town.AddressOf(flooder)]).Encoded.Span;
            keeper.Running.HandleFrames(flooder.Id, Town.Frame(MeshFrameType.DirectoryPublish, DirectoryFrames.Publication((DirectoryPlaces)3, addresses)), town.World.Now);
            keeper.Running.HandleFrames(flooder.Id, Town.Frame(MeshFrameType.DirectoryLookup, DirectoryFrames.Question(i, new(i))), town.World.Now);
        }

        Assert.Equal(before, keeper.Running.DirectoryCount);
        Assert.InRange(Town.Take(keeper, MeshFrameType.DirectoryFound).Frames.Count, 900, 1000);
        Assert.Contains(flooder.Id, keeper.Verified);
    }

    [Fact]
    public void Nobody_can_be_listed_with_the_addresses_of_another()
    {
        var town = Listed(53, core: 1);
        var (keeper, liar, victim) = (town.Owner, town.Parts["red"][0], town.Parts["blue"][0]);
        var stolen = EntryOf(victim).Addresses!.Encoded.Span;
        for (var i = 0; i < 8; i++)
        {
            keeper.Running.HandleFrames(liar.Id, Town.Frame(MeshFrameType.DirectoryPublish, DirectoryFrames.Publication((DirectoryPlaces)3, stolen)), town.World.Now);
        }

        Assert.Equal([(liar.Id, MemberDisconnect.Misbehaved)], Town.Take(keeper, MeshFrameType.DirectoryFound).Dismissed);
    }

    [Fact]
    public void Too_many_questions_at_once_are_refused_here()
    {
        var town = Listed(54, core: 1, options: new() { Directory = new() { MaxLookups = 3 } });
        var asker = town.Parts["red"][0];
        for (var i = 0; i < 3; i++) { asker.Running.LookUp($"nobody{i}", town.World.Now); }

        var refused = Assert.Throws<MembershipException>(() => asker.Running.LookUp("nobody", town.World.Now));
        Assert.Equal(MembershipError.NoRoom, refused.Code);
        town.World.Drain(asker);
        town.World.RunFor(1);
        Assert.Equal(DirectoryOutcome.NotFound, town.LookUp(asker, "nobody"));
    }

    [Fact]
    public void Nobody_asks_more_than_is_answered()
    {
        var town = Listed(56, core: 1, options: new() { Directory = new() { QuestionBurst = 5, QuestionInterval = TimeSpan.FromSeconds(10) } });
        var asker = town.Parts["red"][0];
        for (var i = 0; i < 5; i++) { Assert.Equal(DirectoryOutcome.NotFound, town.LookUp(asker, $"nobody{i}")); }

        Assert.Equal(MembershipError.NoRoom, Assert.Throws<MembershipException>(() => asker.Running.LookUp("nobody", town.World.Now)).Code);
        town.World.RunFor(10);
        Assert.Equal(DirectoryOutcome.Found, town.LookUp(asker, "blue0"));
    }

    [Fact]
    public void Whatever_a_member_says_for_the_directory_nothing_throws_and_no_table_grows()
    {
        var recorded = new List<byte[]>();
        var town = Listed(55, core: 2, watch: built => built.World.Sent = recorded.Add);
        foreach (var asker in town.Parts["red"]) { Assert.Equal(DirectoryOutcome.Found, town.LookUp(asker, "blue0")); }
        town.World.Sent = null;
        var directory = recorded.Where(static frames => frames[0] is >= 10 and <= 12).ToArray();
        Assert.True(directory.Length > 20);
        var random = new Random(55);
        var keeper = town.Owner;
        var (members, entries) = (keeper.Running.Members.Count, keeper.Running.DirectoryCount);
        var count = Statements.Samples.All ? 400_000 : 20_000;
        var peers = keeper.Verified.ToArray();
        for (var i = 0; i < count; i++)
        {
            var (peer, now) = (peers[i % peers.Length], town.World.Now + TimeSpan.FromSeconds(i));
            if (i % 40 < peers.Length) { keeper.Running.HandleConnected(peer, TimeSpan.FromMilliseconds(1), now + TimeSpan.FromMinutes(11)); }
            if (i % 500 == 0) { keeper.Running.LookUp($"nobody{i}", now); }
            keeper.Running.HandleFrames(peer, Mutation.Of(directory[random.Next(directory.Length)], random), now);
            while (keeper.Running.TryTakeOutput(out _)) { }
        }

        Assert.InRange(keeper.Running.Members.Count, members, members + 9);
        Assert.InRange(keeper.Running.DirectoryCount, 0, entries + 2);
    }

    // Everybody has said that it is there.
    private static Town Listed(ulong seed, int core = 3, MemberOptions? options = null, Action<Town>? watch = null)
    {
        var town = Town.Build(seed, NetworkProfile.Open, core, watch: built =>
        {
            built.World.Options = options ?? new();
            watch?.Invoke(built);
        });
        var members = town.Parts.Values.Sum(static part => part.Count);
        var all = members * 2 * Math.Min(3, core);
        Assert.True(town.World.RunUntil(() => town.Core.Sum(static node => node.Running.DirectoryCount) >= all, 20));
        town.World.RunFor(5);
        return town;
    }

    private static DirectoryEntry EntryOf(SimulatedNode node) => new(node.Running.Certificate, node.Running.AddressOf(node.Id));

    private static byte[] Answer(DirectoryEntry entry) => DirectoryFrames.Answer(0, [entry]);

    // The numbers of these tests have one byte.
    private static byte[] Numbered(byte[] answer, ulong number) => answer.Length == 0 ? answer : [(byte)number, .. answer[1..]];

    private static byte[] Damaged(byte[] bytes, int at)
    {
        bytes[at] ^= 1;
        return bytes;
    }
}
