using System.Buffers;
using Coco.Traversal.Finding;
using Coco.Traversal.Links;
using Coco.Traversal.Tests.Finding.Model;

namespace Coco.Traversal.Tests.Finding;

public sealed class AbuseTests
{
    [Fact]
    public void Forged_candidates_make_no_more_probes_than_the_budget_in_any_minute()
    {
        var bench = new FinderBench().Begin();
        for (uint generation = 1; generation <= 300; generation++)
        {
            // Always 31 new addresses, and one victim among them.
            var forged = Enumerable.Range(0, 31).Select(i => new PeerCandidate(CandidateKind.ServerReflexive, Address(1000 + ((int)generation * 31) + i, 53)));
            bench.TellCandidates(generation, [new(CandidateKind.Host, Address(7, 53)), .. forged]);
            bench.Run(1);
        }

        var direct = bench.Pings.Where(static ping => !ping.Path.IsRelayed).ToList();
        Assert.InRange(direct.Count, 1000, 2900); // it does send
        AssertAtMost(512, direct);
        AssertAtMost(24, direct.Where(static ping => ping.Path.Link.Remote == Address(7, 53)).ToList());
        Assert.All(bench.Transmits, static entry => Assert.InRange(entry.Transmit.Length, 1, 61 + FirstByte.RelayedHeaderLength));
        Assert.InRange(bench.Finder.Paths.Count, 1, 96);
    }

    [Fact]
    public void Sockets_that_nobody_took_back_yet_are_given_back_when_the_connection_ends()
    {
        var bench = new FinderBench();
        LocalSocket[] late = [.. Enumerable.Range(100, 700).Select(static number => new LocalSocket(number, true, false, number))];
        bench.Finder.HandleSocketsOpened(9, late, bench.Now);
        bench.Finder.Dispose();

        var closed = new HashSet<int>();
        while (bench.Finder.TryTakeAction(out var action)) { closed.Add(Assert.IsType<PathAction.CloseSocket>(action).Number); }
        Assert.Equal(700, closed.Count);
    }

    [Fact]
    public void Changing_ports_of_one_victim_counts_in_full()
    {
        var bench = new FinderBench().Begin();
        for (uint generation = 1; generation <= 120; generation++)
        {
            bench.TellCandidates(generation, [.. Enumerable.Range(0, 32).Select(i => new PeerCandidate(CandidateKind.PortMapped, Address(7, 1000 + ((int)generation * 32) + i)))]);
            bench.Run(1);
        }

        AssertAtMost(512, bench.Pings.Where(static ping => !ping.Path.IsRelayed).ToList());
    }

    [Fact]
    public void A_peer_cannot_make_us_probe_our_own_services()
    {
        var bench = new FinderBench().Begin();
        bench.TellCandidates(1, new PeerCandidate(CandidateKind.Host, ModelWorld.Parse("127.0.0.1:5432")), new(CandidateKind.Host, ModelWorld.Parse("[::1]:5432")),
            new(CandidateKind.Host, ModelWorld.Parse("192.168.1.10:6000")), new(CandidateKind.Host, ModelWorld.Parse("239.1.1.1:5353")), new(CandidateKind.Host, ModelWorld.Parse("255.255.255.255:9")));
        bench.Run(30);

        Assert.DoesNotContain(bench.Pings, static ping => !ping.Path.IsRelayed);
    }

    [Fact]
    public void A_replayed_probe_is_answered_once_and_makes_no_path()
    {
        var bench = new FinderBench().Begin();
        var probe = bench.Ping();
        bench.Receive(FinderBench.Direct("203.0.113.7:7000"), (byte[])probe.Clone());
        var paths = bench.Finder.Paths.Count;
        var sent = bench.Transmits.Count;

        for (var i = 0; i < 1000; i++) { bench.Receive(FinderBench.Direct($"203.0.113.66:{2000 + i}"), (byte[])probe.Clone()); }

        Assert.Equal(paths, bench.Finder.Paths.Count);
        Assert.Equal(sent, bench.Transmits.Count);
    }

    [Fact]
    public void A_flood_of_strangers_leaves_no_trace()
    {
        var bench = new FinderBench().Begin();
        var random = new Random(1);
        var (paths, sent) = (bench.Finder.Paths.Count, bench.Transmits.Count);
        var datagram = bench.Ping();
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(datagram.AsSpan(9)); // first byte and session are right
            bench.Receive(FinderBench.Direct($"203.0.113.{i % 250}:{1024 + i}"), (byte[])datagram.Clone());
        }

        Assert.Equal((paths, sent), (bench.Finder.Paths.Count, bench.Transmits.Count));
    }

    [Fact]
    public void A_peer_that_probes_from_everywhere_is_remembered_only_so_far()
    {
        var bench = new FinderBench().Begin();
        bench.TellCandidates(1);
        for (var i = 0; i < 5000; i++) { bench.Receive(FinderBench.Direct($"203.0.{113 + (i / 5000)}.{i % 250}:{1024 + i}"), bench.Ping()); }

        Assert.InRange(bench.Finder.Paths.Count, 1, 96);
        AssertAtMost(512, bench.Pings.Where(static ping => !ping.Path.IsRelayed).ToList());
        Assert.Contains(bench.Finder.Paths, static view => view.State is PathState.Activated); // what works is not pushed out
        bench.Run(60);
        Assert.InRange(bench.Finder.Paths.Count, 1, 8);
    }

    [Fact]
    public void Birthday_requests_are_honoured_no_more_often_than_the_backoff_allows()
    {
        var bench = new FinderBench(isControlling: false).Begin(FinderBench.Behind("203.0.113.1:6000", MappingClass.Dependent));
        bench.TellCandidates(1, new PeerCandidate(CandidateKind.ServerReflexive, Address(7, 7000)));
        for (uint attempt = 1; attempt <= 600; attempt++)
        {
            Tell(bench, new BirthdayMessage(attempt, BirthdayStep.Request));
            bench.Run(1);
            Tell(bench, new BirthdayMessage(attempt, BirthdayStep.Stop));
        }

        Assert.InRange(bench.Actions.Count(static entry => entry.Action is PathAction.OpenSockets), 2, 4); // at 0, 75, 210 and 465 s
    }

    [Fact]
    public void Requests_for_TCP_open_no_more_connections_than_allowed()
    {
        var bench = new FinderBench(isControlling: false).Begin();
        bench.TellCandidates(1, [.. Enumerable.Range(0, 32).Select(static i => new PeerCandidate(CandidateKind.Tcp, Address(7, 2000 + i)))]);
        for (uint round = 1; round <= 60; round++)
        {
            var body = new ArrayBufferWriter<byte>();
            new PunchMessage(round, PunchStep.Tcp).Write(body);
            bench.Finder.HandleSignal(SignalType.Punch, body.WrittenSpan, bench.Now);
            bench.Run(1);
        }

        Assert.InRange(bench.Actions.Count(static entry => entry.Action is PathAction.OpenTcp), 8, 32);
    }

    [Fact]
    public void Addresses_of_TCP_told_while_it_is_tried_are_tried_as_far_as_is_allowed()
    {
        var bench = new FinderBench(isControlling: false).Begin();
        bench.TellCandidates(1);
        var body = new ArrayBufferWriter<byte>();
        new PunchMessage(1, PunchStep.Tcp).Write(body);
        bench.Finder.HandleSignal(SignalType.Punch, body.WrittenSpan, bench.Now);
        bench.Run(1);
        Assert.DoesNotContain(bench.Actions, static entry => entry.Action is PathAction.OpenTcp);

        for (uint generation = 2; generation <= 60; generation++)
        {
            bench.TellCandidates(generation, new PeerCandidate(CandidateKind.Tcp, Address(7, 2000 + (int)generation)));
            bench.Run(0.1);
        }

        Assert.Equal(8, bench.Actions.Count(static entry => entry.Action is PathAction.OpenTcp));
    }

    [Fact]
    public void An_owner_that_takes_nothing_does_not_make_the_queues_grow()
    {
        var finder = new FinderBench().Finder;
        var body = new ArrayBufferWriter<byte>();
        new PunchMessage(1, PunchStep.Please).Write(body);
        for (var i = 0; i < 100_000; i++)
        {
            finder.HandleSignal(SignalType.Punch, body.WrittenSpan, TimeSpan.FromSeconds(i));
            finder.HandlePath(new(new(LinkKind.Udp, 0, Address(i % 9000, 443)), 5 + (ulong)i), PathState.Available, TimeSpan.FromSeconds(i));
        }
        var actions = 0;
        while (finder.TryTakeAction(out _)) { actions++; }

        Assert.InRange(actions, 0, 512);
        Assert.InRange(finder.Paths.Count, 0, 96);
    }

    private static NetworkAddress Address(int host, int port) => NetworkAddress.FromIpv4(0x2D000000u + (uint)host, port);

    private static void Tell(FinderBench bench, BirthdayMessage message)
    {
        var body = new ArrayBufferWriter<byte>();
        message.Write(body);
        Assert.True(bench.Finder.HandleSignal(SignalType.Birthday, body.WrittenSpan, bench.Now));
        bench.Drain();
    }

    private static void AssertAtMost(int most, List<(TimeSpan At, PathAddress Path)> pings)
    {
        for (int first = 0, last = 0; last < pings.Count; last++)
        {
            while (pings[last].At - pings[first].At >= TimeSpan.FromMinutes(1)) { first++; }
            Assert.True(last - first + 1 <= most, $"{last - first + 1} probes in the minute before {pings[last].At}");
        }
    }
}
