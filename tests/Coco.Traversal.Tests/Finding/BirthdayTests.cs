using Coco.Traversal.Finding;
using Coco.Traversal.Links;
using Coco.Traversal.Tests.Finding.Model;

namespace Coco.Traversal.Tests.Finding;

public sealed class BirthdayTests
{
    [Theory]
    [InlineData((int)NatKind.Symmetric, (int)NatKind.PortRestricted)]
    [InlineData((int)NatKind.PortRestricted, (int)NatKind.Symmetric)]
    [InlineData((int)NatKind.Firewall, (int)NatKind.Symmetric)]
    public void Ninety_of_a_hundred_attempts_meet_within_ten_seconds(int one, int other)
    {
        var times = new List<TimeSpan>();
        for (ulong seed = 1; seed <= 40; seed++)
        {
            var world = new ModelWorld((NatKind)one, (NatKind)other, seed).Connect();
            times.Add(world.RunUntil(() => !world.One.IsRelayedNow && !world.Other.IsRelayedNow, 30));
        }
        times.Sort();

        TestContext.Current.SendDiagnosticMessage($"{(NatKind)one} and {(NatKind)other}: median {times[20]}, nine of ten {times[36]}");
        Assert.InRange(times[20].TotalSeconds, 1, 4); // one of them is the plain round
        Assert.InRange(times[36].TotalSeconds, 1, 8);
    }

    [Fact]
    public void One_side_opens_256_sockets_the_other_tries_ports_at_200_a_second()
    {
        var world = new ModelWorld(NatKind.PortRestricted, NatKind.Symmetric) { OtherToOne = false };
        world.One.IsRecording = world.Other.IsRecording = true;
        world.Connect();
        world.Run(40);

        var opened = Assert.Single(world.Other.Actions.OfType<PathAction.OpenSockets>());
        Assert.Equal((256, true), (opened.Count, opened.IsIpv4));
        var openers = world.Other.Transmits.Where(static sent => sent.Link.Number >= 1000 && sent.HopLimit > 0).ToList();
        Assert.Equal(256, openers.Select(static sent => sent.Link.Number).Distinct().Count());
        var guesses = world.One.Transmits.Where(sent => sent.At > openers[^1].At && sent.Link.Remote.HasSameHost(world.Other.Nat.Outer)).ToList();
        Assert.InRange(guesses.Count, 2000, 3100);
        Assert.All(guesses, guess => Assert.InRange(guesses.Count(other => other.At >= guess.At && other.At < guess.At + TimeSpan.FromSeconds(1)), 0, 215));
    }

    [Fact]
    public void Success_closes_all_sockets_but_the_one_that_won()
    {
        var world = new ModelWorld(NatKind.Symmetric, NatKind.PortRestricted).Connect();
        world.RunUntil(() => !world.One.IsRelayedNow && !world.Other.IsRelayedNow, 20);
        world.Run(15);

        Assert.Equal(2, world.One.Sockets.Count);
        Assert.Contains(world.One.Quic.Active.Link.Number, world.One.Sockets);
        Assert.NotEqual(0, world.One.Quic.Active.Link.Number);
    }

    [Fact]
    public void Nat_that_turns_out_to_be_another_in_an_attempt_lets_it_go_on_in_the_other_role()
    {
        var bench = new FinderBench(isControlling: false).Begin(FinderBench.Behind("203.0.113.1:6000", MappingClass.Dependent));
        bench.TellCandidates(1, new PeerCandidate(CandidateKind.ServerReflexive, ModelWorld.Parse("198.51.100.9:7000")));
        bench.Run(2);
        Tell(new(1, BirthdayStep.Request));
        var asked = (PathAction.OpenSockets)bench.Actions.Single(static entry => entry.Action is PathAction.OpenSockets).Action;
        bench.Finder.HandleSocketsOpened(asked.Request, [.. Enumerable.Range(1000, 4).Select(static number => new LocalSocket(number, true, false, number))], bench.Now);
        bench.Run(4);
        Assert.Equal(8, bench.Transmits.Count(static entry => entry.Transmit.Link.Number >= 1000)); // each twice

        bench.Finder.HandleLocal(FinderBench.Behind("203.0.113.1:6000"), bench.Now);
        Tell(new(1, BirthdayStep.Ready));
        var before = bench.Transmits.Count;
        bench.Run(2);

        Assert.InRange(bench.Transmits.Skip(before).Count(static entry => entry.Transmit.Link.Number == 0), 300, 450);

        void Tell(BirthdayMessage message)
        {
            var body = new System.Buffers.ArrayBufferWriter<byte>();
            message.Write(body);
            bench.Finder.HandleSignal(SignalType.Birthday, body.WrittenSpan, bench.Now);
            bench.Drain();
        }
    }

    [Fact]
    public void Without_success_everything_is_closed_and_the_next_attempt_waits()
    {
        var world = new ModelWorld(NatKind.Symmetric, NatKind.PortRestricted) { OneToOther = false, OtherToOne = false }.Connect();
        world.Run(400);

        Assert.Single(world.One.Sockets);
        Assert.InRange(world.One.Actions.Count(static action => action is PathAction.OpenSockets), 2, 3);
        Assert.Equal(VerdictCode.OneAddressDependent, world.One.Finder.Verdict.Code);
        Assert.Equal(VerdictCode.OneAddressDependent, world.Other.Finder.Verdict.Code);
        Assert.Contains(world.One.Finder.Verdict.Evidence, static fact => fact.StartsWith("birthday attempts", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_the_consent_of_both_it_does_not_happen()
    {
        var world = new ModelWorld(NatKind.Symmetric, NatKind.PortRestricted, otherOptions: new() { AllowsBirthday = false }).Connect();
        world.Run(60);

        Assert.DoesNotContain(world.One.Actions, static action => action is PathAction.OpenSockets);
        Assert.InRange(world.Other.ProbesSent, 0, 200);
    }

    [Fact]
    public void A_host_that_opens_no_sockets_ends_the_attempt()
    {
        var bench = new FinderBench(isControlling: false).Begin(FinderBench.Behind("203.0.113.1:6000", MappingClass.Dependent));
        bench.TellCandidates(1, new PeerCandidate(CandidateKind.ServerReflexive, ModelWorld.Parse("203.0.113.7:7000")));
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        new BirthdayMessage(1, BirthdayStep.Request).Write(body);
        bench.Finder.HandleSignal(SignalType.Birthday, body.WrittenSpan, bench.Now);
        bench.Drain();
        bench.Signals.Clear();

        bench.Finder.HandleSocketsOpened(1, [], bench.Now);
        bench.Drain();

        Assert.Equal([SignalType.Birthday], bench.Signals); // refused after all
    }

    [Fact]
    public void Sockets_that_come_too_late_are_closed()
    {
        var bench = new FinderBench().Begin();

        bench.Finder.HandleSocketsOpened(77, [new LocalSocket(5, true, false, 5000), new LocalSocket(6, true, false, 5001)], bench.Now);
        bench.Drain();

        Assert.Equal([new PathAction.CloseSocket(5), new PathAction.CloseSocket(6)], bench.Actions.Select(static entry => entry.Action));
    }

    [Fact]
    public void Ports_of_a_sequential_NAT_are_guessed_without_it()
    {
        var world = new ModelWorld(NatKind.PortRestricted, NatKind.Sequential).Connect();

        world.RunUntil(() => !world.One.IsRelayedNow && !world.Other.IsRelayedNow, 2);

        Assert.DoesNotContain(world.Other.Actions, static action => action is PathAction.OpenSockets);
    }

    [Fact]
    public void A_walk_visits_every_port_once()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var walk = new PortWalk(new Coco.Crypto.SeededRandomSource(seed));
            var seen = new HashSet<int>();
            for (var i = 1024; i < 65_536; i++) { seen.Add(walk.Next()); }
            Assert.Equal(64_512, seen.Count);
            Assert.Equal((1024, 65_535), (seen.Min(), seen.Max()));
        }
    }
}
