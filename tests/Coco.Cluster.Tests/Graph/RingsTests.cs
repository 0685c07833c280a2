using Coco.Cluster.Graph;

namespace Coco.Cluster.Tests.Graph;

public sealed class RingsTests
{
    private static readonly GraphOptions Options = new();

    private static RingMember[] Members(int count, Func<int, bool>? hardNat = null, Func<int, bool>? forwards = null) =>
    [
        .. Enumerable.Range(0, count).Select(i => new RingMember(
            i, new(Rings.Mix((ulong)i + 1)), forwards?.Invoke(i) ?? true ? 3 : 1, forwards?.Invoke(i) ?? true, hardNat?.Invoke(i) ?? false, false)),
    ];

    private static List<int>[] AllChoices(RingMember[] members)
    {
        var all = new List<int>[members.Length];
        for (var i = 0; i < members.Length; i++) { Rings.Choose(members, members[i], Options, all[i] = []); }
        return all;
    }

    private static int ComponentOf(RingMember[] members, List<int>[] choices, int start)
    {
        var seen = new HashSet<int> { start };
        var open = new Queue<int>(seen);
        while (open.TryDequeue(out var here))
        {
            if (!members[here].Forwards && here != start) { continue; }
            foreach (var next in Enumerable.Range(0, members.Length).Where(n => choices[here].Contains(n) || choices[n].Contains(here)))
            {
                if (seen.Add(next)) { open.Enqueue(next); }
            }
        }
        return seen.Count;
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    public void Few_are_linked_all_to_all(int count) => Assert.All(AllChoices(Members(count)), chosen => Assert.Equal(count - 1, chosen.Count));

    [Theory]
    [InlineData(9)]
    [InlineData(50)]
    [InlineData(1000)]
    public void Many_have_at_most_two_links_of_each_ring_and_all_are_connected(int count)
    {
        var members = Members(count);
        var choices = AllChoices(members);

        Assert.All(choices, chosen => Assert.InRange(chosen.Count, 2, 6));
        Assert.Equal(count, ComponentOf(members, choices, 0));
    }

    [Fact]
    public void Both_ends_choose_a_link_where_all_can_reach_all()
    {
        var choices = AllChoices(Members(200));

        Assert.All(Enumerable.Range(0, 200), i => Assert.All(choices[i], other => Assert.Contains(i, choices[other])));
    }

    [Fact]
    public void With_30_percent_behind_hard_nats_no_two_of_them_are_asked_to_link_and_all_are_connected()
    {
        var members = Members(500, hardNat: i => i % 10 < 3);
        var choices = AllChoices(members);

        Assert.All(Enumerable.Range(0, 500), i => Assert.DoesNotContain(choices[i], other => members[i].HardNat && members[other].HardNat));
        Assert.Equal(500, ComponentOf(members, choices, 0));
    }

    [Fact]
    public void Those_who_do_not_forward_are_leaves_of_those_who_do()
    {
        var members = Members(300, forwards: i => i % 3 == 0);
        var choices = AllChoices(members);

        Assert.Equal(300, ComponentOf(members, choices, 0));
        Assert.All(Enumerable.Range(0, 300).Where(i => i % 3 != 0), i => Assert.InRange(choices[i].Count, 1, 2));
    }

    [Fact]
    public void A_third_may_vanish_at_once_and_the_rest_stays_connected()
    {
        var members = Members(1000);
        var choices = AllChoices(members);
        var left = members.Where(member => member.Slot % 3 != 0).ToArray();
        var kept = left.Select(member => choices[member.Slot].Where(other => other % 3 != 0).Select(other => other - 1 - (other / 3)).ToList()).ToArray();

        Assert.InRange(ComponentOf(left, kept, 0), left.Length - 3, left.Length);
    }

    [Fact]
    public void A_node_that_joins_moves_only_links_beside_it()
    {
        var before = AllChoices(Members(400));
        var after = AllChoices(Members(401));

        var moved = Enumerable.Range(0, 400).Count(i => !before[i].Order().SequenceEqual(after[i].Order()));

        Assert.InRange(moved, 1, 6);
    }

    [Fact]
    public void Everybody_picks_the_same_keepers_and_one_who_goes_moves_only_its_own()
    {
        var nodes = Enumerable.Range(1, 20).Select(i => new NodeTag(Rings.Mix((ulong)i))).ToArray();
        Span<int> top = stackalloc int[3], topAfter = stackalloc int[3];
        var moved = 0;
        for (var key = 0UL; key < 300; key++)
        {
            Assert.Equal(3, Rendezvous.Top(new(key), nodes, top));
            Rendezvous.Top(new(key), nodes.AsSpan(0, 19), topAfter);
            if (!top.Contains(19)) { Assert.Equal(top.ToArray(), topAfter.ToArray()); } else { moved++; }
        }

        Assert.InRange(moved, 20, 80);
    }
}
