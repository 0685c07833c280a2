using Coco.Traversal.Finding;
using Coco.Traversal.Links;
using Coco.Traversal.Tests.Finding.Model;

namespace Coco.Traversal.Tests.Finding;

public sealed class NetworkTests
{
    [Fact]
    public void Two_hosts_of_one_network_talk_within_it()
    {
        var world = new ModelWorld(NatKind.PortRestricted, NatKind.PortRestricted, isOneLan: true).Connect();

        var took = world.RunUntil(() => !world.One.IsRelayedNow && !world.Other.IsRelayedNow, 1);
        world.Run(12);

        Assert.InRange(took.TotalMilliseconds, 0, 300);
        Assert.Equal((VerdictCode.DirectLan, VerdictCode.DirectLan), (world.One.Finder.Verdict.Code, world.Other.Finder.Verdict.Code));
    }

    [Fact]
    public void A_stranger_at_the_address_of_the_peer_changes_nothing()
    {
        // Both are 192.168.x.10 in networks of the same prefix; whoever has the peer's address here answers nothing that counts.
        var bench = new FinderBench().Begin();
        var stranger = FinderBench.Direct("192.168.1.11:6000");
        bench.TellCandidates(1, new PeerCandidate(CandidateKind.Host, stranger.Link.Remote));
        for (var i = 0; i < 50; i++)
        {
            bench.Run(0.1);
            bench.Receive(stranger, new byte[34]);
        }

        Assert.Empty(bench.Moves);
        Assert.DoesNotContain(bench.Finder.Paths, view => view.Address == stranger && view.State is not PathState.Probing);
    }

    [Fact]
    public void The_first_packet_of_a_pair_passes_few_routers_and_those_of_one_network_all()
    {
        var world = new ModelWorld(NatKind.PortRestricted, NatKind.PortRestricted);
        world.One.IsRecording = world.Other.IsRecording = true;
        world.Connect();
        world.Run(2);

        foreach (var (side, peer) in (ReadOnlySpan<(ModelSide, ModelSide)>)[(world.One, world.Other), (world.Other, world.One)])
        {
            var sent = side.Transmits.Where(entry => entry.Link.Remote.HasSameHost(peer.Nat.Outer)).ToList();
            Assert.Equal(2, sent[0].HopLimit);
            Assert.All(sent.Skip(1), static entry => Assert.Equal(0, entry.HopLimit));
        }
    }

    [Fact]
    public void The_controlling_side_sends_all_the_way_only_after_the_peer_has_opened()
    {
        var world = new ModelWorld(NatKind.PortRestricted, NatKind.PortRestricted);
        world.One.IsRecording = world.Other.IsRecording = true;
        world.Connect();
        world.Run(2);

        var first = world.One.Transmits.First(sent => sent.HopLimit == 0 && sent.Link.Remote.HasSameHost(world.Other.Nat.Outer)).At;
        var opened = world.Other.Transmits.First(sent => sent.Link.Remote.HasSameHost(world.One.Nat.Outer)).At;
        Assert.True(opened <= first, $"{opened} {first}");
    }

    [Fact]
    public void Where_UDP_is_blocked_TCP_is_tried_at_once()
    {
        var world = new ModelWorld(NatKind.UdpBlocked, NatKind.None) { TcpWorks = true };
        world.Other.TcpPort = 4433;
        world.Connect();

        var took = world.RunUntil(() => !world.One.IsRelayedNow && !world.Other.IsRelayedNow, 2);

        Assert.InRange(took.TotalMilliseconds, 0, 1000);
        Assert.Equal((VerdictCode.DirectTcp, VerdictCode.DirectTcp), (world.One.Finder.Verdict.Code, world.Other.Finder.Verdict.Code));
        Assert.All(world.One.Actions.OfType<PathAction.OpenTcp>(), static open => Assert.True(open.FromListeningPort));
    }

    [Fact]
    public void Where_UDP_fails_TCP_follows_and_gives_way_when_UDP_works()
    {
        var world = new ModelWorld(NatKind.Firewall, NatKind.None) { TcpWorks = true, OneToOther = false, OtherToOne = false };
        world.Other.TcpPort = 4433;
        world.Connect();
        world.RunUntil(() => world.One.Finder.Verdict.Code is VerdictCode.DirectTcp, 6);

        (world.OneToOther, world.OtherToOne) = (true, true);
        world.RunUntil(() => world.One.Finder.Verdict.Code is VerdictCode.Direct && world.Other.Finder.Verdict.Code is VerdictCode.Direct, 60);
        world.Run(30);

        Assert.Contains(world.One.Actions, static action => action is PathAction.CloseLink);
    }

    [Fact]
    public void A_TCP_link_to_somebody_else_is_closed()
    {
        var bench = new FinderBench(isControlling: false).Begin();
        bench.TellCandidates(1, new PeerCandidate(CandidateKind.Tcp, ModelWorld.Parse("203.0.113.7:443")));
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        new PunchMessage(1, PunchStep.Tcp).Write(body);
        bench.Finder.HandleSignal(SignalType.Punch, body.WrittenSpan, bench.Now);
        bench.Drain();
        var request = Assert.Single(bench.Actions.Select(static entry => entry.Action).OfType<PathAction.OpenTcp>()).Request;
        var link = new Link(LinkKind.Tcp, 9, ModelWorld.Parse("203.0.113.7:443"));

        bench.Finder.HandleTcp(request, link, bench.Now);
        bench.Run(5);

        Assert.Contains(new PathAction.CloseLink(link), bench.Actions.Select(static entry => entry.Action));
        Assert.Empty(bench.Moves);
    }

    // NATs refuse whom their own host is not connecting to, so both have to send within the time of one packet: the side that leads waits for half a round trip, in which its word
    // arrives, and tries that missed each other are not made at one interval.
    [Fact]
    public void TCP_is_tried_when_the_peer_has_heard_of_it_and_again_at_intervals_that_differ()
    {
        var rtt = TimeSpan.FromMilliseconds(120);
        var bench = new FinderBench().Begin(FinderBench.Behind("203.0.113.1:6000") with { IsUdpBlocked = true });
        bench.Finder.HandleHealth(new(FinderBench.Relay, 0, bench.Pto, false, TimeSpan.Zero, false, rtt), bench.Now);
        bench.TellCandidates(1, MappingClass.EndpointIndependent, PeerFlags.UdpBlocked, new PeerCandidate(CandidateKind.TcpReflexive, ModelWorld.Parse("203.0.113.7:443")));
        var (told, tries) = (TimeSpan.MaxValue, new List<TimeSpan>());
        var waits = new List<double>();
        for (var end = TimeSpan.FromSeconds(6); bench.Now < end;)
        {
            var before = bench.Actions.Count;
            if (bench.Signals.Contains(SignalType.Punch) && bench.Now < told) { told = bench.Now; }
            bench.Run(0.001);
            foreach (var (at, action) in bench.Actions.Skip(before).ToArray())
            {
                if (action is not PathAction.OpenTcp open) { continue; }
                if (tries.Count > 0) { waits.Add((at - tries[^1]).TotalMilliseconds); }
                tries.Add(at);
                bench.Finder.HandleTcp(open.Request, null, bench.Now);
                bench.Drain();
            }
        }

        Assert.InRange((tries[0] - told).TotalMilliseconds, 59, 62);
        Assert.InRange(tries.Count, 10, 20);
        Assert.All(waits, wait => Assert.InRange(wait, 300, 300 + rtt.TotalMilliseconds + 2));
        Assert.True(waits.Max() - waits.Min() > 40, string.Join(", ", waits));
    }

    [Fact]
    public void TCP_is_tried_at_once_by_who_is_told_to()
    {
        var bench = new FinderBench(isControlling: false).Begin(FinderBench.Behind("203.0.113.1:6000") with { IsUdpBlocked = true });
        bench.TellCandidates(1, MappingClass.EndpointIndependent, PeerFlags.UdpBlocked, new PeerCandidate(CandidateKind.TcpReflexive, ModelWorld.Parse("203.0.113.7:443")));
        bench.Run(1);
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        new PunchMessage(1, PunchStep.Tcp).Write(body);
        bench.Finder.HandleSignal(SignalType.Punch, body.WrittenSpan, bench.Now);
        bench.Drain();
        Assert.Equal(bench.Now, Assert.Single(bench.Actions, static entry => entry.Action is PathAction.OpenTcp).At);
    }

    [Theory]
    [InlineData((int)NatKind.PortRestricted)]
    [InlineData((int)NatKind.None)]
    public void Twenty_moves_in_a_row_leave_a_connection_that_goes_on(int kind)
    {
        var world = new ModelWorld((NatKind)kind, NatKind.PortRestricted).Connect();
        world.One.Quic.HasTraffic = world.Other.Quic.HasTraffic = true;
        for (var i = 0; i < 20; i++)
        {
            world.Run(5);
            world.Move(i % 3 == 0 ? world.Other : world.One, i % 3 == 0 ? NatKind.PortRestricted : (NatKind)kind, isTold: true);
            var (one, other) = (world.One.Quic.Delivered, world.Other.Quic.Delivered);
            world.RunUntil(() => world.One.Quic.Delivered > one && world.Other.Quic.Delivered > other, 1.0);
            if (i % 3 == 1) { world.Move(world.Other, NatKind.PortRestricted, isTold: true); } // both at once
        }

        world.RunUntil(() => !world.One.IsRelayedNow && !world.Other.IsRelayedNow, 30);
    }

    [Fact]
    public void A_direct_path_that_dies_one_way_is_left_within_three_probe_timeouts()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var world = new ModelWorld(NatKind.PortRestricted, NatKind.PortRestricted, seed).Connect();
            world.Run(5 + (0.01 * seed));
            world.OneToOther = false;
            world.One.Quic.Write(world.Now);
            world.One.Drain(world.Now);

            var took = world.RunUntil(() => world.One.IsRelayedNow, 2);

            Assert.InRange(took, 1 * ModelQuic.Pto, (3 * ModelQuic.Pto) + TimeSpan.FromMilliseconds(10));
        }
    }

    [Fact]
    public void An_idle_hour_costs_fewer_than_150_probes_for_the_warm_standby()
    {
        var world = new ModelWorld(NatKind.PortRestricted, NatKind.PortRestricted).Connect();
        world.Run(60);
        var (one, other) = (world.One.ProbesSent, world.Other.ProbesSent);

        world.Run(3600);

        Assert.InRange(world.One.ProbesSent - one, 100, 150);
        Assert.InRange(world.Other.ProbesSent - other, 100, 150);
    }

    [Fact]
    public void While_relayed_a_better_path_is_looked_for_ever_more_seldom()
    {
        var world = new ModelWorld(NatKind.PortRestricted, NatKind.PortRestricted) { OneToOther = false, OtherToOne = false };
        world.One.IsRecording = true;
        world.Connect();
        world.Run(3600);

        var rounds = new List<TimeSpan>();
        foreach (var sent in world.One.Transmits.Where(static sent => sent.HopLimit > 0))
        {
            if (rounds.Count == 0 || sent.At > rounds[^1] + TimeSpan.FromSeconds(5)) { rounds.Add(sent.At); }
        }
        Assert.InRange((rounds[1] - rounds[0]).TotalSeconds, 15, 25);
        Assert.InRange((rounds[^1] - rounds[^2]).TotalSeconds, 300, 345);
        Assert.InRange(rounds.Count, 14, 18);
    }

    [Fact]
    public void Behind_one_outer_address_the_verdict_names_the_missing_hairpin()
    {
        var bench = new FinderBench().Begin(FinderBench.Behind("203.0.113.1:6000") with { Hairpins = false });
        bench.TellCandidates(1, new PeerCandidate(CandidateKind.Host, ModelWorld.Parse("10.0.0.5:6000")), new(CandidateKind.ServerReflexive, ModelWorld.Parse("203.0.113.1:6001")));
        Assert.Equal(VerdictCode.StillProbing, bench.Finder.Verdict.Code);

        bench.Run(14);

        Assert.Equal(VerdictCode.HairpinMissing, bench.Finder.Verdict.Code);
        Assert.Contains("own NAT: does not hairpin", bench.Finder.Verdict.Evidence);
    }

    [Fact]
    public void A_peer_without_addresses_and_one_that_is_heard_but_not_reached_have_their_own_verdicts()
    {
        var alone = new FinderBench().Begin();
        alone.TellCandidates(1);
        alone.Run(14);
        var deaf = new FinderBench().Begin();
        deaf.TellCandidates(1, new PeerCandidate(CandidateKind.ServerReflexive, ModelWorld.Parse("203.0.113.7:7000")));
        deaf.Receive(FinderBench.Direct("203.0.113.7:7000"), deaf.Ping());
        deaf.Run(14);

        Assert.Equal(VerdictCode.RelayOnlyKnown, alone.Finder.Verdict.Code);
        Assert.Equal(VerdictCode.OneWayOnly, deaf.Finder.Verdict.Code);
    }

    [Fact]
    public void Link_local_addresses_are_tried_in_the_zones_of_this_host()
    {
        var own = new LocalSituation
        {
            Sockets = [new(3, false, true, 6000)],
            Candidates = [new(CandidateKind.Host, ModelWorld.Parse("[fe80::1%7]:6000"), "eth0", 64)],
        };
        var bench = new FinderBench().Begin(own);
        bench.TellCandidates(1, new PeerCandidate(CandidateKind.Host, ModelWorld.Parse("[fe80::2]:6000")));
        bench.Run(1);

        Assert.Contains(bench.Pings, static ping => ping.Path.Link == new Link(LinkKind.Udp, 3, ModelWorld.Parse("[fe80::2%7]:6000")));
    }

    [Fact]
    public void A_finder_gives_back_what_was_opened_for_it()
    {
        var world = new ModelWorld(NatKind.Symmetric, NatKind.PortRestricted).Connect();
        world.RunUntil(() => world.One.Sockets.Count > 200, 10);

        world.One.Finder.Dispose();
        world.One.Finder.Dispose();
        world.One.Drain(world.Now);

        Assert.Single(world.One.Sockets);
        Assert.Null(world.One.Finder.Deadline);
    }
}
