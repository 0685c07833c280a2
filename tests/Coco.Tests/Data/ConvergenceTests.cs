using Coco.Data;
using Coco.Data.Core;

namespace Coco.Tests.Data;

public sealed class ConvergenceTests
{
    private static readonly int Runs = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 1000 : 60;

    [Fact]
    public void Whatever_is_cut_and_crashes_all_nodes_end_with_the_newest_of_all_that_was_acknowledged()
    {
        for (var seed = 0; seed < Runs; seed++)
        {
            var simulation = new DataSimulation(seed, count: 2 + (seed % 5));
            for (var step = 0; step < 400; step++) { simulation.RandomStep(keys: 30); }
            simulation.HealAll();
            simulation.Settle(TimeSpan.FromSeconds(30));

            foreach (var node in simulation.Nodes)
            {
                Assert.True(simulation.Nodes[0].Table.Root == node.Table.Root, $"seed {seed}");
                Assert.Equal(
                    simulation.Newest.OrderBy(static pair => pair.Key).Select(static pair => (pair.Key, pair.Value.Version, pair.Value.Content)),
                    node.Table.Entries.OrderBy(static record => record.KeyHash).Select(static record => (record.KeyHash, record.Version, record.ContentHash)));
            }
        }
    }

    [Fact]
    public void Two_versions_of_one_time_and_writer_are_told_apart_everywhere_alike()
    {
        // A node whose disk was restored from a copy says two things under one time: so do two nodes here that are made to be one writer.
        var simulation = new DataSimulation(1, count: 3);
        simulation.CutOff(0);
        simulation.CutOff(1);
        var version = new EntryVersion(7UL << 16, DataSimulation.IdOf(9));
        foreach (var (node, text) in new[] { (0, "one"), (1, "other") })
        {
            var one = simulation.Nodes[node];
            var entry = SignedEntry.Make("key"u8, System.Text.Encoding.UTF8.GetBytes(text), false, version, DataSimulation.Name.Id, one);
            one.Exchange.Replay(one.Table, entry, 1, 1);
        }
        simulation.HealAll();
        simulation.Settle(TimeSpan.FromSeconds(20));

        Assert.Single(simulation.Nodes.Select(static node => node.Values["key"]).Distinct());
    }

    [Fact]
    public void Nodes_that_have_the_same_say_so_in_a_few_bytes_and_a_difference_costs_little()
    {
        var simulation = new DataSimulation(2, count: 2);
        for (var i = 0; i < 5000; i++) { simulation.Write(0, $"key{i}", $"value{i}"); }
        simulation.Settle(TimeSpan.FromSeconds(20));
        Assert.Equal(5000, simulation.Nodes[1].Values.Count);
        simulation.Cut(0, 1);
        simulation.Write(1, "key77", "changed");
        var before = simulation.Nodes.Sum(static node => node.FrameBytes);

        simulation.HealAll();
        simulation.Settle(TimeSpan.FromSeconds(20));

        Assert.Equal("changed", simulation.Nodes[0].Values["key77"]);
        Assert.InRange(simulation.Nodes.Sum(static node => node.FrameBytes) - before, 1, 5_000);
        var quiet = simulation.Nodes.Sum(static node => node.FrameBytes);
        simulation.Settle(TimeSpan.FromHours(1));
        Assert.InRange(simulation.Nodes.Sum(static node => node.FrameBytes) - quiet, 1, 3_000); // some six questions and answers
    }

    [Fact]
    public void A_node_that_was_away_longer_than_deletions_are_remembered_does_not_bring_anything_back()
    {
        var simulation = new DataSimulation(3, count: 4, new() { TombstoneTime = TimeSpan.FromHours(2) });
        simulation.Write(0, "deleted", "old");
        simulation.Write(0, "kept", "old");
        simulation.Settle(TimeSpan.FromSeconds(20));
        simulation.CutOff(3);
        simulation.Write(1, "deleted", null);
        simulation.Settle(TimeSpan.FromHours(5));
        Assert.All(simulation.Nodes.Take(3), static node => Assert.Equal(["kept"], node.Table.Entries.Select(static record => record.Name)));
        simulation.Write(3, "new", "of the one away");

        simulation.HealAll();
        simulation.Settle(TimeSpan.FromMinutes(1));

        Assert.All(simulation.Nodes, static node => Assert.Equal(["kept", "new"], node.Values.Keys));
        simulation.Crash(3);
        simulation.Settle(TimeSpan.FromMinutes(1));
        Assert.All(simulation.Nodes, static node => Assert.Equal(["kept", "new"], node.Values.Keys));
    }

    [Fact]
    public void What_is_dated_far_ahead_is_taken_when_its_time_comes_and_not_before()
    {
        var simulation = new DataSimulation(4, count: 2);
        simulation.Settle(TimeSpan.FromSeconds(5));
        var wall = simulation.Wall;
        simulation.Wall = wall + 3_600_000;
        simulation.Write(0, "key", "of tomorrow");
        simulation.Wall = wall;
        simulation.Settle(TimeSpan.FromSeconds(20));

        Assert.Empty(simulation.Nodes[1].Values);
        Assert.NotEqual(0, simulation.Nodes[1].Refused[Refusal.Ahead]);
        simulation.Settle(TimeSpan.FromHours(1.5));
        Assert.Equal("of tomorrow", simulation.Nodes[1].Values["key"]);
    }

    [Fact]
    public void What_one_writes_who_may_not_is_taken_from_nobody_who_may_not_either()
    {
        var simulation = new DataSimulation(5, count: 3);
        simulation.Write(2, "before", "of a member");
        simulation.Settle(TimeSpan.FromSeconds(20));
        simulation.Removed.Add(DataSimulation.IdOf(2));

        simulation.Write(2, "after", "of one who was removed");
        simulation.Settle(TimeSpan.FromSeconds(20));

        Assert.All(simulation.Nodes.Take(2), static node => Assert.Equal(["before"], node.Values.Keys));
        Assert.NotEqual(0, simulation.Nodes[0].Refused[Refusal.NotPermitted]);
    }

    [Fact]
    public void What_a_removed_member_wrote_before_reaches_those_who_were_away()
    {
        var simulation = new DataSimulation(6, count: 3);
        simulation.CutOff(1);
        simulation.Write(2, "before", "of a member");
        simulation.Settle(TimeSpan.FromSeconds(20));
        simulation.Removed.Add(DataSimulation.IdOf(2));
        simulation.CutOff(2);

        simulation.Heal(0, 1);
        simulation.Settle(TimeSpan.FromSeconds(20));

        Assert.Equal("of a member", simulation.Nodes[1].Values["before"]);
    }

    [Fact]
    public void A_collection_takes_no_more_than_it_may_hold()
    {
        var simulation = new DataSimulation(7, count: 2, new() { MaxEntries = 16 });
        for (var i = 0; i < 40; i++) { simulation.Write(0, $"key{i}", "x"); } // the app's calls are refused above this
        simulation.Settle(TimeSpan.FromMinutes(1));

        Assert.Equal(16, simulation.Nodes[1].Table.Count);
        Assert.NotEqual(0, simulation.Nodes[1].Refused[Refusal.Full]);
    }
}
