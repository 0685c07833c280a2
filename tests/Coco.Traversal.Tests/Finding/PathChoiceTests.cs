using Coco.Traversal.Finding;
using Coco.Traversal.Links;
using Coco.Traversal.Tests.Finding.Model;

namespace Coco.Traversal.Tests.Finding;

public sealed class PathChoiceTests
{
    private static readonly PathAddress Near = FinderBench.Direct("203.0.113.7:7000");
    private static readonly PathAddress Far = FinderBench.Direct("203.0.113.8:7000");
    private static readonly PathAddress Nearest = FinderBench.Direct("203.0.113.9:7000");

    [Fact]
    public void A_relay_is_left_for_the_first_direct_path_at_once()
    {
        var bench = Begin(new() { [Far] = 100 });

        bench.Run(2);

        var (at, move) = Assert.Single(bench.Moves);
        Assert.Equal(new PathAction.Switch(Far, AbandonOld: false), move);
        Assert.InRange(at.TotalMilliseconds, 0, 1200); // the wait for the peer's word, and one round trip
    }

    [Fact]
    public void A_merely_better_path_is_moved_to_at_most_once_in_ten_seconds()
    {
        var bench = Begin(new() { [Far] = 200 });
        bench.Run(5);
        bench.Answering[Near] = TimeSpan.FromMilliseconds(50);
        bench.TellCandidates(2, Reflexive(Far), Reflexive(Near));
        bench.Run(3);
        bench.Answering[Nearest] = TimeSpan.FromMilliseconds(5);
        bench.TellCandidates(3, Reflexive(Far), Reflexive(Near), Reflexive(Nearest));
        bench.Run(20);

        Assert.Equal([Far, Near, Nearest], bench.Moves.Select(static entry => entry.Move.Path));
        var times = bench.Moves.Select(static entry => entry.At.TotalSeconds).ToList();
        Assert.InRange(times[1] - times[0], 0, 9); // leaving the relay did not count
        Assert.InRange(times[2] - times[1], 10, 10.5);
    }

    [Fact]
    public void A_path_that_is_hardly_better_is_not_moved_to()
    {
        var bench = Begin(new() { [Far] = 100 });
        bench.Run(5);
        bench.Answering[Near] = TimeSpan.FromMilliseconds(85);
        bench.TellCandidates(2, Reflexive(Far), Reflexive(Near));
        bench.Run(30);

        Assert.Equal([Far], bench.Moves.Select(static entry => entry.Move.Path));
    }

    [Fact]
    public void The_controlled_side_moves_to_nothing_that_is_merely_better()
    {
        var bench = Begin(new() { [Near] = 10 }, isControlling: false);
        bench.Receive(Near, bench.Ping());

        bench.Run(30);

        Assert.Empty(bench.Moves);
        Assert.Contains(bench.Finder.Paths, view => view.Address == Near && view is { State: PathState.Validated, IsStandby: true });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Either_side_leaves_a_dead_path_at_the_second_probe_timeout(bool isControlling)
    {
        var bench = Direct(isControlling);
        bench.Answering.Remove(Near);
        bench.Health(Near, 1);
        bench.Run(0.4);
        var before = bench.Moves.Count();

        bench.Health(Near, 2);

        var (at, move) = bench.Moves.ElementAt(before);
        Assert.Equal(new PathAction.Switch(FinderBench.Relay, AbandonOld: true), move);
        Assert.Equal(bench.Now, at);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_path_within_the_network_has_a_fifth_of_a_second_before_it_counts_as_dead(bool isProgress)
    {
        var near = FinderBench.Direct("192.168.1.20:7000");
        var bench = On(near);
        bench.Pto = TimeSpan.FromMilliseconds(4);
        bench.Answering.Remove(near);
        bench.Health(near, 1);
        bench.Run(0.008);
        bench.Health(near, 2);
        var (before, sent) = (bench.Moves.Count(), bench.Now - TimeSpan.FromMilliseconds(12));
        bench.Run(0.15);
        Assert.Equal(before, bench.Moves.Count());

        if (isProgress) { bench.Health(near, 0, silentSeconds: 0); }
        bench.Run(2);

        if (isProgress) { Assert.Equal(before, bench.Moves.Count()); }
        else
        {
            Assert.Equal(FinderBench.Relay, bench.Moves.ElementAt(before).Move.Path);
            Assert.Equal(0.2, (bench.Moves.ElementAt(before).At - sent).TotalSeconds, 0.005);
        }
    }

    [Fact]
    public void A_path_that_passes_probes_but_no_data_is_left_too()
    {
        var bench = Direct();
        bench.Health(Near, 1);
        bench.Run(0.4);

        bench.Health(Near, 2);

        Assert.Equal(FinderBench.Relay, bench.Moves.Last().Move.Path);
    }

    [Fact]
    public void The_path_in_use_is_kept_while_it_alone_answers()
    {
        var bench = Direct();
        bench.Answering.Remove(FinderBench.Relay);
        bench.Health(Near, 1);
        bench.Run(0.4);

        bench.Health(Near, 2);

        Assert.Equal(Near, bench.Moves.Last().Move.Path);
    }

    [Fact]
    public void A_path_that_died_in_use_is_not_returned_to_before_its_penalty_is_over()
    {
        var bench = Direct();
        bench.Health(Near, 1);
        bench.Run(0.4);
        bench.Health(Near, 2);
        var left = bench.Now;

        bench.Run(60);

        Assert.Equal(Near, bench.Moves.Last().Move.Path);
        Assert.InRange((bench.Moves.Last().At - left).TotalSeconds, 10, 40);
    }

    [Fact]
    public void The_relay_is_the_warm_standby_of_a_direct_path()
    {
        var bench = Direct();

        bench.Run(120);

        Assert.Contains(bench.Finder.Paths, static view => view.Address == FinderBench.Relay && view is { State: PathState.Validated, IsStandby: true });
        var asked = bench.Pings.Where(ping => ping.Path == FinderBench.Relay && ping.At > bench.Now - TimeSpan.FromSeconds(100)).Count();
        Assert.InRange(asked, 3, 5); // every 25 s
    }

    [Fact]
    public void Paths_that_are_neither_in_use_nor_on_standby_are_given_up_after_a_while()
    {
        var bench = Begin(new() { [Near] = 20, [Far] = 30, [Nearest] = 40 });

        bench.Run(90);

        Assert.Equal([Near, FinderBench.Relay], bench.Finder.Paths.Select(static view => view.Address));
    }

    [Fact]
    public void After_a_long_silence_both_paths_are_asked_and_the_first_to_answer_wins()
    {
        var bench = Direct();
        bench.Answering.Remove(Near);
        bench.Run(40);
        bench.Pings.Clear();

        bench.Health(Near, 0, silentSeconds: 40, wantsToSend: true);
        var asked = bench.Pings.Select(static ping => ping.Path).ToHashSet();
        bench.Run(0.3); // before a probe timeout of data would have said anything for sure

        Assert.Equal([Near, FinderBench.Relay], asked.OrderBy(static path => path.IsRelayed));
        Assert.Equal(new PathAction.Switch(FinderBench.Relay, AbandonOld: true), bench.Moves.Last().Move);
    }

    [Fact]
    public void After_a_long_silence_a_path_that_still_answers_is_kept()
    {
        var bench = Direct();
        bench.Answering[FinderBench.Relay] = TimeSpan.FromMilliseconds(1); // first, but the other has its time
        bench.Run(40);

        bench.Health(Near, 0, silentSeconds: 40, wantsToSend: true);
        bench.Run(5);

        Assert.Equal(Near, bench.Moves.Last().Move.Path);
    }

    [Theory]
    [InlineData(false, VerdictCode.DirectPathTooNarrow)]
    [InlineData(true, VerdictCode.QuicBlocked)]
    public void A_validation_that_fails_is_tried_again_ever_more_seldom_and_its_reason_looked_for(bool passesWide, VerdictCode expected)
    {
        var bench = Begin(new() { [Near] = 20 });
        (bench.IsObedient, bench.PassesWide) = (false, passesWide);
        for (var second = 0; second < 100; second++)
        {
            var asked = bench.Actions.Count;
            bench.Run(1);
            if (bench.Actions.Skip(asked).Any(static entry => entry.Action is PathAction.Validate)) { bench.Finder.HandlePath(Near, PathState.Failed, bench.Now); }
        }

        Assert.InRange(bench.Actions.Count(static entry => entry.Action is PathAction.Validate { Path.Session: 0 }), 3, 12);
        Assert.Equal(expected, bench.Finder.Verdict.Code);
        Assert.InRange(bench.Transmits.Count(static sent => sent.Transmit.Length >= ProbeSealer.WideLength), 2, 40);
    }

    [Fact]
    public void A_validation_that_fails_where_nothing_is_answered_makes_no_narrow_path_of_a_dead_one()
    {
        var bench = Begin(new() { [Near] = 20 });
        bench.IsObedient = false;
        bench.Run(1);
        bench.Answering.Remove(Near);
        bench.Finder.HandlePath(Near, PathState.Failed, bench.Now);
        bench.Run(20);
        Assert.DoesNotContain(bench.Finder.Verdict.Evidence, static fact => fact.Contains("not QUIC", StringComparison.Ordinal));
    }

    [Fact]
    public void Direct_only_neither_returns_to_a_relay_nor_keeps_one_warm()
    {
        var bench = Direct(options: new() { Policy = new() { DirectOnly = true } });
        bench.Answering.Remove(Near);
        bench.Health(Near, 1);
        bench.Run(0.4);
        bench.Health(Near, 2);
        bench.Run(10);

        Assert.DoesNotContain(bench.Moves, static entry => entry.Move.Path.IsRelayed);
        Assert.DoesNotContain(bench.Finder.Paths, static view => view.IsStandby && view.Class is PathClass.Relay);
    }

    [Fact]
    public void Relay_only_tells_nothing_sends_nothing_and_answers_nothing_directly()
    {
        var bench = Begin(new() { [Near] = 20 }, options: new() { Policy = new() { RelayOnly = true } });
        bench.Receive(Near, bench.Ping());
        bench.Run(30);

        Assert.DoesNotContain(bench.Transmits, static entry => entry.Transmit.Link.Remote != FinderBench.Relay.Link.Remote);
        Assert.Equal(VerdictCode.Policy, bench.Finder.Verdict.Code);
    }

    [Fact]
    public void No_LAN_tries_no_private_address()
    {
        var bench = new FinderBench(options: new() { Policy = new() { NoLan = true } }).Begin();
        bench.TellCandidates(1, new PeerCandidate(CandidateKind.Host, ModelWorld.Parse("192.168.1.11:6000")), Reflexive(Near));
        bench.Run(10);

        Assert.NotEmpty(bench.Pings);
        Assert.DoesNotContain(bench.Pings, static ping => ping.Path.Link.Remote.IsPrivate);
    }

    [Fact]
    public void Only_allowed_ranges_are_sent_to()
    {
        Assert.True(AddressPrefix.TryParse("203.0.113.7/32", out var prefix));
        var bench = Begin(new() { [Near] = 20, [Far] = 1 }, options: new() { Policy = new() { AllowedPrefixes = [prefix] } });
        bench.Run(10);

        Assert.Equal([Near], bench.Pings.Where(static ping => !ping.Path.IsRelayed).Select(static ping => ping.Path).Distinct());
    }

    /// <summary>A bench with a relay in use, and a peer that has told of these paths (milliseconds of round trip).</summary>
    private static FinderBench Begin(Dictionary<PathAddress, int> direct, bool isControlling = true, PathFinderOptions? options = null)
    {
        var bench = new FinderBench(isControlling, options).Begin();
        foreach (var (path, rtt) in direct) { bench.Answering[path] = TimeSpan.FromMilliseconds(rtt); }
        bench.TellCandidates(1, [.. direct.Keys.Select(Reflexive)]);
        return bench;
    }

    /// <summary>A bench that has settled on a direct path, with the relay as its standby.</summary>
    private static FinderBench Direct(bool isControlling = true, PathFinderOptions? options = null) => On(Near, isControlling, options);

    private static FinderBench On(PathAddress path, bool isControlling = true, PathFinderOptions? options = null)
    {
        var bench = Begin(new() { [path] = 20 }, isControlling, options);
        bench.Receive(path, bench.Ping());
        bench.Run(5);
        if (!isControlling) { bench.Finder.HandlePath(path, PathState.Activated, bench.Now); }
        bench.Run(1);
        Assert.Contains(bench.Finder.Paths, view => view.Address == path && view.State is PathState.Activated);
        return bench;
    }

    private static PeerCandidate Reflexive(PathAddress path) => new(CandidateKind.ServerReflexive, path.Link.Remote);
}
