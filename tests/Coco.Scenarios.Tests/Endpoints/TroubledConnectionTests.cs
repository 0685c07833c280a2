using Coco.Lab.Endpoints;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;
using Coco.Transport;
using Coco.Traversal.Finding;

namespace Coco.Scenarios.Tests.Endpoints;

/// <summary>Whole endpoints on lines and networks of the kernel's that give them trouble.</summary>
[Collection(EndpointLab.Collection)]
public sealed class TroubledConnectionTests
{
    private const int Some = 100_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task An_outage_ends_with_the_outage(int seconds)
    {
        await using var lab = await EndpointLab.StartAsync(NatKind.PortRestricted, NatKind.PortRestricted);
        await lab.UntilPathAsync(IsUdp);
        await lab.Flow.ContinueAsync(Some);

        lab.Flow.ForgetGaps();
        lab.CallerHome.Line.Apply(new() { LossUp = 1, LossDown = 1 });
        await Task.Delay(TimeSpan.FromSeconds(seconds), Cancellation); // the outage itself
        lab.CallerHome.Line.Apply(new());
        await lab.Flow.ContinueAsync(Some);
        Assert.InRange(lab.Flow.LongestGap, TimeSpan.FromSeconds(seconds - 0.5), TimeSpan.FromSeconds(seconds + 2));
        await lab.FinishAsync();
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(1400)]
    public async Task A_small_MTU_that_nobody_reports_costs_no_byte(int mtu)
    {
        await using var lab = await EndpointLab.StartAsync(
            NatKind.PortRestricted, NatKind.PortRestricted, new() { Line = new() { Mtu = mtu }, Obstacles = Obstacles.TooBigMessages });
        await lab.UntilPathAsync(IsUdp);
        await lab.Flow.ContinueAsync(5 * Some);
        await lab.FinishAsync(VerdictCode.Direct);
    }

    [Fact]
    public async Task Homes_with_one_private_network_meet_over_their_outer_addresses()
    {
        await using var lab = await EndpointLab.StartAsync(NatKind.PortRestricted, NatKind.PortRestricted, new() { Network = 7 }, new() { Network = 7 });
        Assert.Equal(lab.Caller.Host.Address, lab.Callee.Host.Address);
        await lab.UntilPathAsync(IsUdp);
        await lab.Flow.ContinueAsync(Some);
        await lab.FinishAsync(VerdictCode.Direct);
    }

    [Fact]
    public async Task A_relay_that_drains_is_left_without_a_gap_to_speak_of()
    {
        await using var lab = await EndpointLab.StartAsync(NatKind.Symmetric, NatKind.Symmetric);
        await lab.Flow.ContinueAsync(Some);

        lab.Flow.ForgetGaps();
        await lab.DrainRelayInUseAsync();
        await lab.Flow.ContinueAsync(Some);
        Assert.InRange(lab.Flow.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await lab.FinishAsync();
    }

    [Fact]
    public async Task Twenty_moves_in_a_row_interrupt_shortly_and_lose_nothing()
    {
        await using var lab = await EndpointLab.StartAsync(NatKind.PortRestricted, NatKind.PortRestricted);
        await lab.UntilPathAsync(IsUdp);
        await lab.Flow.ContinueAsync(Some);

        for (var i = 0; i < 20; i++)
        {
            lab.Flow.ForgetGaps();
            var moving = lab.MoveCaller(i % 2 == 0 ? lab.OtherHome : lab.CallerHome);
            await lab.Flow.ContinueAsync(Some / 2);
            TestContext.Current.SendDiagnosticMessage($"move {i} took {moving.TotalMilliseconds:F0} ms, gap {lab.Flow.LongestGap.TotalMilliseconds:F0} ms");
            Assert.InRange(lab.Flow.LongestGap, TimeSpan.Zero, moving + TimeSpan.FromSeconds(1));
        }
        await lab.UntilPathAsync(IsUdp);
        await lab.FinishAsync(VerdictCode.Direct);
    }

    [Fact]
    public async Task Nodes_that_call_each_other_at_once_are_both_answered()
    {
        await using var lab = await EndpointLab.StartAsync(NatKind.PortRestricted, NatKind.PortRestricted);
        await using var service = new EchoService(lab.Caller.Endpoint);
        var calls = await Task.WhenAll(
            lab.Caller.Endpoint.ConnectAsync(lab.Callee.Id, new() { Relays = lab.Relays }, Cancellation),
            lab.Callee.Endpoint.ConnectAsync(lab.Caller.Id, new() { Relays = lab.Relays }, Cancellation));
        var intact = await Task.WhenAll(calls.Select(static call => RoundTrip.RunAsync(call, Some, seed: 3, within: TimeSpan.FromSeconds(5))));
        Assert.Equal([true, true], intact);
        await Task.WhenAll(calls.Select(static call => call.WaitForPathAsync(IsUdp, Cancellation)));
        Assert.All(calls, static call => Assert.Equal(VerdictCode.Direct, call.Verdict?.Code));
        foreach (var call in calls) { await call.DisposeAsync(); }
        await lab.UntilPathAsync(IsUdp);
        await lab.FinishAsync(VerdictCode.Direct);
    }

    private static bool IsUdp(PathSnapshot path) => path.Type is PathType.Udp;
}
