using Coco.Lab.Nat;
using Coco.Lab.Simulated;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>The list of pairs that the kernel's NATs are held to, over the simulated ones.</summary>
public sealed class PunchMatrixTests
{
    // Past the home's router, not past the internet: it opens the sender's NAT and never meets the other's.
    private const byte OpenerHopLimit = 2;

    public static TheoryData<NatKind> Kinds => [.. NatMatrix.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Raw_punching_connects_exactly_the_pairs_of_the_matrix(NatKind caller)
    {
        foreach (var callee in NatMatrix.Kinds)
        {
            foreach (var calleeDelayMs in (ReadOnlySpan<double>)[0, 0.1, -0.1, 100, -100])
            {
                var outcome = Punch(caller, callee, calleeDelayMs);
                var isExpected = NatMatrix.Expected(caller, callee) is NatOutcome.Direct;
                Assert.True(isExpected == outcome is not null, $"{caller} x {callee}, callee {calleeDelayMs} ms later: {outcome?.ToString() ?? "fails"}");
            }
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(10.0)]
    [InlineData(-10.0)]
    public void Low_hop_limit_opener_connects_what_the_matrix_says_although_routers_take_early_packets(double calleeDelayMs)
    {
        foreach (var (caller, callee) in NatMatrix.Cells)
        {
            var outcome = Punch(caller, callee, calleeDelayMs, OpenerHopLimit, options => options with { AcceptsUnsolicited = true });
            var isExpected = NatMatrix.Expected(caller, callee) is NatOutcome.Direct;
            Assert.True(isExpected == outcome is not null, $"{caller} x {callee}: {outcome?.ToString() ?? "fails"}");
        }
    }

    [Theory]
    [InlineData(NatKind.PortPreserving)]
    [InlineData(NatKind.PortRestricted)]
    public void Without_an_opener_a_router_that_takes_early_packets_spoils_the_punch_of_who_is_late(NatKind caller)
    {
        var internet = new SimulatedInternet(3);
        var early = SimulatedHome.Add(internet, caller, 1);
        var late = SimulatedHome.Add(internet, NatKind.PortPreserving, 2, options => options with { AcceptsUnsolicited = true });
        Assert.Null(PunchCell.Punch(internet, early.Host, late.Host, TimeSpan.FromMilliseconds(10)));

        internet = new SimulatedInternet(3);
        early = SimulatedHome.Add(internet, caller, 1);
        late = SimulatedHome.Add(internet, NatKind.PortPreserving, 2, options => options with { AcceptsUnsolicited = true });
        Assert.NotNull(PunchCell.Punch(internet, early.Host, late.Host, TimeSpan.FromMilliseconds(-10)));
    }

    [Theory]
    [InlineData(NatKind.PortPreserving, NatKind.PortPreserving, 1)]
    [InlineData(NatKind.Symmetric, NatKind.Open, 2)]
    public void Punching_takes_one_round_of_40_ms_and_two_where_an_address_is_learned_from_a_packet(NatKind caller, NatKind callee, int rounds)
    {
        var time = Punch(caller, callee, 0);
        Assert.InRange(time!.Value.TotalMilliseconds, 40 * rounds, (40 * rounds) + 20);
    }

    private static TimeSpan? Punch(
        NatKind caller, NatKind callee, double calleeDelayMs, byte openerHopLimit = 0, Func<RouterOptions, RouterOptions>? change = null)
    {
        var internet = new SimulatedInternet(1);
        var (a, b) = (SimulatedHome.Add(internet, caller, 1, change), SimulatedHome.Add(internet, callee, 2, change));
        return PunchCell.Punch(internet, a.Host, b.Host, TimeSpan.FromMilliseconds(calleeDelayMs), openerHopLimit);
    }
}
