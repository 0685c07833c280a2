using Coco.Cluster.Graph;
using Coco.Cluster.Lookup;
using Coco.Cluster.Tests.Mesh;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Lookup;

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
        var directories = Enumerable.Range(0, Core).Select(_ => NewDirectory(maxEntries: 4000)).ToArray();
        var members = Enumerable.Range(0, Members).Select(_ => NewId(dice)).ToArray();
        Span<int> top = stackalloc int[Keepers];
        for (var i = 0; i < Members; i++)
        {
            var (identity, name) = (DirectoryKey.Of(members[i]), DirectoryKey.Of($"member-{i}"));
            foreach (var keeper in top[..Rendezvous.Top(identity, core, top)]) { directories[keeper].TryPut(members[i], DirectoryPlaces.Identity, identity, i, default); }
            foreach (var keeper in top[..Rendezvous.Top(name, core, top)]) { directories[keeper].TryPut(members[i], DirectoryPlaces.Name, name, i, default); }
        }
        Assert.All(directories, directory => Assert.InRange(directory.Count, 800, 1800));

        // One core node in ten is gone, and nobody has said anything anew.
        var gone = Enumerable.Range(0, Core).Where(_ => dice.Chance(0.1)).ToHashSet();
        var (asked, missed) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var sought = dice.Next(Members);
            var key = dice.Chance(0.5) ? DirectoryKey.Of(members[sought]) : DirectoryKey.Of($"member-{sought}");
            var found = false;
            foreach (var keeper in top[..Rendezvous.Top(key, core, top)])
            {
                asked++;
                if (gone.Contains(keeper)) { continue; }
                Assert.Equal(sought, Assert.Single(directories[keeper].Find(key)));
                found = true;
                break;
            }
            missed += found ? 0 : 1;
        }
        output.WriteLine($"{directories.Max(d => d.Count)} entries at most at a core node; {asked / 20_000.0:F2} questions, {missed} of 20,000 not found with {gone.Count} of {Core} gone");
        Assert.InRange(asked / 20_000.0, 1, 1.2);
        Assert.InRange(missed, 0, 60);
    }

    [Fact]
    public void A_directory_keeps_no_more_than_it_may_and_the_eldest_makes_room()
    {
        var dice = new MeshDice(22);
        var directory = NewDirectory(maxEntries: 16);
        var nodes = Enumerable.Range(0, 40).Select(_ => NewId(dice)).ToArray();
        foreach (var node in nodes)
        {
            directory.TryPut(node, DirectoryPlaces.Identity, DirectoryKey.Of(node), 1, default);
            directory.TryPut(nodes[0], DirectoryPlaces.Identity, DirectoryKey.Of(nodes[0]), 1, default);
        }

        Assert.Equal(16, directory.Count);
        Assert.Single(directory.Find(DirectoryKey.Of(nodes[0])));
        Assert.Single(directory.Find(DirectoryKey.Of(nodes[39])));
        Assert.Empty(directory.Find(DirectoryKey.Of(nodes[1])));
    }

    [Fact]
    public void Of_many_with_one_name_the_first_in_order_stay_whenever_they_came()
    {
        var dice = new MeshDice(23);
        var key = DirectoryKey.Of("alice");
        foreach (var order in (int[][])[[1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [4, 1, 6, 2, 5, 3]])
        {
            var directory = NewDirectory(maxEntries: 16);
            foreach (var rank in order) { directory.TryPut(NewId(dice), DirectoryPlaces.Name, key, rank, default); }

            Assert.Equal([1, 2, 3, 4], directory.Find(key));
            Assert.Equal(4, directory.Count);
        }
    }

    [Fact]
    public void A_node_has_one_name_at_a_time()
    {
        var dice = new MeshDice(24);
        var directory = NewDirectory(maxEntries: 16);
        var node = NewId(dice);
        directory.TryPut(node, DirectoryPlaces.Identity, DirectoryKey.Of(node), 1, default);
        foreach (var name in (string[])["bob", "rob", "robert"]) { directory.TryPut(node, DirectoryPlaces.Name, DirectoryKey.Of(name), 1, default); }

        Assert.Equal(2, directory.Count);
        Assert.Empty(directory.Find(DirectoryKey.Of("rob")));
        Assert.Single(directory.Find(DirectoryKey.Of("robert")));
    }

    [Fact]
    public void What_is_not_said_anew_is_forgotten()
    {
        var dice = new MeshDice(25);
        var directory = NewDirectory(maxEntries: 16);
        var (one, other) = (NewId(dice), NewId(dice));
        directory.TryPut(one, DirectoryPlaces.Identity, DirectoryKey.Of(one), 1, TimeSpan.Zero);
        directory.TryPut(other, DirectoryPlaces.Identity, DirectoryKey.Of(other), 1, TimeSpan.FromHours(1));
        directory.TryPut(one, DirectoryPlaces.Identity, DirectoryKey.Of(one), 1, TimeSpan.FromHours(4));

        Assert.Equal(TimeSpan.FromHours(13), directory.Deadline);
        directory.Forget(TimeSpan.FromHours(13));
        Assert.Empty(directory.Find(DirectoryKey.Of(other)));
        Assert.Single(directory.Find(DirectoryKey.Of(one)));
        directory.Forget(TimeSpan.FromHours(16));
        Assert.Equal((0, null), (directory.Count, directory.Deadline));
    }

    private static NodeDirectory<int> NewDirectory(int maxEntries) => new(new() { MaxEntries = maxEntries }, Comparer<int>.Default);
}
