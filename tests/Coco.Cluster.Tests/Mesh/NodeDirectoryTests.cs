using Coco.Cluster.Graph;
using Coco.Cluster.Mesh;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Mesh;

public sealed class NodeDirectoryTests(ITestOutputHelper output)
{
    private static NodeId NewId(MeshDice dice)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        dice.Source.Fill(bytes);
        return NodeId.Read(bytes);
    }

    [Fact]
    public void Of_100_000_members_each_finds_each_by_name_or_key_with_one_question()
    {
        const int Members = 100_000, Core = 500, Keepers = 3;
        var dice = new MeshDice(21);
        var core = Enumerable.Range(0, Core).Select(_ => NodeTag.Of(NewId(dice))).ToArray();
        var directories = Enumerable.Range(0, Core).Select(_ => new NodeDirectory(maxEntries: 4000)).ToArray();
        var members = Enumerable.Range(0, Members).Select(_ => NewId(dice)).ToArray();
        Span<int> top = stackalloc int[Keepers];
        for (var i = 0; i < Members; i++)
        {
            foreach (var key in (ReadOnlySpan<NodeTag>)[NodeDirectory.KeyOf(members[i]), NodeDirectory.KeyOf($"member-{i}")])
            {
                foreach (var keeper in top[..Rendezvous.Top(key, core, top)]) { directories[keeper].Put(key, members[i], new byte[] { 1 }); }
            }
        }
        Assert.All(directories, directory => Assert.InRange(directory.Count, 800, 1800));

        // One core node in ten is gone, and nobody has published anew.
        var gone = Enumerable.Range(0, Core).Where(_ => dice.Chance(0.1)).ToHashSet();
        var (asked, missed) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var sought = dice.Next(Members);
            var key = dice.Chance(0.5) ? NodeDirectory.KeyOf(members[sought]) : NodeDirectory.KeyOf($"member-{sought}");
            var found = false;
            foreach (var keeper in top[..Rendezvous.Top(key, core, top)])
            {
                asked++;
                if (gone.Contains(keeper)) { continue; }
                Assert.True(directories[keeper].TryFind(key, out var node, out _));
                Assert.Equal(members[sought], node);
                found = true;
                break;
            }
            missed += found ? 0 : 1;
        }
        output.WriteLine($"{directories.Max(d => d.Count)} records at most at a core node; {asked / 20_000.0:F2} questions, {missed} of 20,000 not found with {gone.Count} of {Core} gone");
        Assert.InRange(asked / 20_000.0, 1, 1.2);
        Assert.InRange(missed, 0, 60);
    }

    [Fact]
    public void A_directory_keeps_no_more_than_it_may_and_the_eldest_makes_room()
    {
        var dice = new MeshDice(22);
        var directory = new NodeDirectory(maxEntries: 10);
        var nodes = Enumerable.Range(0, 30).Select(_ => NewId(dice)).ToArray();
        foreach (var node in nodes)
        {
            directory.Put(NodeDirectory.KeyOf(node), node, default);
            directory.Put(NodeDirectory.KeyOf(nodes[0]), nodes[0], default);
        }

        Assert.Equal(10, directory.Count);
        Assert.True(directory.TryFind(NodeDirectory.KeyOf(nodes[0]), out _, out _));
        Assert.True(directory.TryFind(NodeDirectory.KeyOf(nodes[29]), out _, out _));
        Assert.False(directory.TryFind(NodeDirectory.KeyOf(nodes[1]), out _, out _));
    }

    [Fact]
    public void Who_claims_the_name_of_another_does_not_take_its_place()
    {
        var dice = new MeshDice(23);
        var directory = new NodeDirectory(maxEntries: 10);
        var (one, other) = (NewId(dice), NewId(dice));
        directory.Put(NodeDirectory.KeyOf("alice"), one, default);
        directory.Put(NodeDirectory.KeyOf("alice"), other, default);

        Assert.True(directory.TryFind(NodeDirectory.KeyOf("alice"), out var node, out _));
        Assert.Equal(one, node);
    }
}
