using Coco.Lab.Nat;
using Coco.Lab.Simulated;

namespace Coco.Scenarios.Tests.Simulated;

public sealed class BirthdayTests
{
    private const int Seeds = 200;
    private const int Probes = 1000;

    // 1 - (1 - 256/64512)^1000 is 98 %.
    [Fact]
    public void Birthday_punching_succeeds_within_a_thousand_probes_in_more_than_95_of_100_runs()
    {
        NatKind[] kinds = [NatKind.Firewall, NatKind.PortRestricted, NatKind.PortPreserving];
        var probes = Enumerable.Range(1, Seeds).Select(seed => Punch(seed, kinds[seed % kinds.Length])).ToArray();
        var found = probes.OfType<int>().Order().ToArray();
        Assert.InRange(found.Length, (Seeds * 95 / 100) + 1, Seeds);
        // Half of the runs need about 175 probes.
        Assert.InRange(found[found.Length / 2], 120, 240);
    }

    [Fact]
    public void Birthday_punching_fails_between_two_symmetric_sides() => Assert.Null(Punch(1, NatKind.Symmetric));

    private static int? Punch(int seed, NatKind kind)
    {
        var internet = new SimulatedInternet((ulong)seed);
        var hard = SimulatedHome.Add(internet, NatKind.Symmetric, 1);
        var easy = SimulatedHome.Add(internet, kind, 2);
        var guesser = new PortGuessProgram(SimulatedInternet.Address("203.0.113.1"), new Random(seed), Probes);
        var easyNode = new SimulatedNode(easy.Host, guesser).Start();
        var observer = new TestSocket(internet.AddHost("observer", "198.51.100.10"), 3478);
        easy.Host.Send(guesser.Socket, SimulatedInternet.Address("198.51.100.10:3478"), [0]);
        internet.RunFor(TimeSpan.FromMilliseconds(50));

        _ = new SimulatedNode(hard.Host, new BirthdayProgram(observer.Arrived[0].From, openerHopLimit: 2)).Start();
        easyNode.Act(guesser.Begin);
        internet.RunUntil(() => guesser.SentWhenFound is not null || guesser.IsSpent, TimeSpan.FromSeconds(10));
        internet.RunFor(TimeSpan.FromMilliseconds(50));
        return guesser.SentWhenFound;
    }
}
