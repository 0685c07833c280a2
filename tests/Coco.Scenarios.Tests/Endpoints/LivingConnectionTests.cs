using Coco.Lab.Kernel;
using Coco.Lab.Nat;
using Coco.Transport;
using Coco.Traversal.Finding;

namespace Coco.Scenarios.Tests.Endpoints;

/// <summary>Whole endpoints on the kernel's network while it changes: every byte comes once and in order, and none waits for long.</summary>
[Collection(EndpointLab.Collection)]
public sealed class LivingConnectionTests
{
    private const int Some = 100_000;

    [Fact]
    public async Task A_host_that_moves_home_and_is_told_so_sends_on_within_a_second()
    {
        await using var lab = await EndpointLab.StartAsync(NatKind.PortRestricted, NatKind.PortRestricted);
        await lab.UntilPathAsync(IsUdp);
        await lab.Flow.ContinueAsync(Some);

        lab.Flow.ForgetGaps();
        var moving = lab.MoveCaller(lab.OtherHome);
        await lab.Flow.ContinueAsync(Some);
        Assert.InRange(lab.Flow.LongestGap, TimeSpan.Zero, moving + TimeSpan.FromSeconds(1));

        await lab.UntilPathAsync(IsUdp);
        await lab.Flow.ContinueAsync(Some);
        await lab.FinishAsync(VerdictCode.Direct);
    }

    [Theory]
    [InlineData(NatKind.Open)]
    [InlineData(NatKind.PortRestricted)]
    public async Task A_router_that_forgets_its_mappings_is_survived_within_three_seconds(NatKind kind)
    {
        await using var lab = await EndpointLab.StartAsync(kind, NatKind.PortRestricted);
        await lab.UntilPathAsync(IsUdp);
        await lab.Flow.ContinueAsync(Some);

        lab.Flow.ForgetGaps();
        lab.CallerHome.Reboot();
        await lab.Flow.ContinueAsync(Some);
        Assert.InRange(lab.Flow.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        await lab.UntilPathAsync(IsUdp);
        await lab.FinishAsync(VerdictCode.Direct);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_UDP_is_blocked_from_now_on_data_goes_over_TCP(bool isCallers)
    {
        await using var lab = await EndpointLab.StartAsync(NatKind.PortRestricted, NatKind.PortRestricted);
        await lab.UntilPathAsync(IsUdp);
        await lab.Flow.ContinueAsync(Some);

        lab.Flow.ForgetGaps();
        (isCallers ? lab.CallerHome : lab.CalleeHome).SetObstacles(Obstacles.Udp);
        await lab.Flow.ContinueAsync(Some);
        Assert.NotEqual(PathType.Udp, lab.Connection.ActivePath!.Type);
        Assert.InRange(lab.Flow.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await lab.FinishAsync();
    }

    [Fact]
    public async Task A_relay_that_stops_is_left_for_the_second_within_two_seconds()
    {
        await using var lab = await EndpointLab.StartAsync(NatKind.Symmetric, NatKind.Symmetric);
        await lab.Flow.ContinueAsync(Some);

        lab.Flow.ForgetGaps();
        var stopping = lab.StopRelayInUseAsync();
        await lab.Flow.ContinueAsync(10 * Some);
        await stopping;
        await lab.Flow.ContinueAsync(Some);
        Assert.InRange(lab.Flow.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await lab.FinishAsync();
    }

    [Fact]
    public async Task A_relay_that_falls_silent_is_left_for_the_second_within_two_seconds()
    {
        await using var lab = await EndpointLab.StartAsync(NatKind.Symmetric, NatKind.Symmetric);
        await lab.Flow.ContinueAsync(Some);

        lab.Flow.ForgetGaps();
        lab.CutRelayInUse();
        await lab.Flow.ContinueAsync(Some);
        Assert.InRange(lab.Flow.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await lab.FinishAsync();
    }

    [Fact]
    public async Task Where_only_port_443_is_open_a_relay_is_used_by_WebSocket()
    {
        await using var lab = await EndpointLab.StartAsync(
            NatKind.PortRestricted, NatKind.PortRestricted, callerHome: new() { Obstacles = Obstacles.AllButTcp443 });

        await lab.Flow.ContinueAsync(Some);
        Assert.Equal(PathType.RelayWebSocket, lab.Connection.ActivePath!.Type);
        await lab.FinishAsync();
    }

    [Fact]
    public async Task Homes_without_UDP_that_keep_the_ports_of_TCP_meet_by_TCP()
    {
        await using var lab = await EndpointLab.StartAsync(NatKind.UdpBlocked, NatKind.UdpBlocked);

        // On a busy machine a first search can end before both know their address of TCP; the next begins PathFinderOptions.FirstRetry, 15 s, later.
        await lab.UntilPathAsync(path => path.Type is PathType.Tcp, TimeSpan.FromSeconds(60));
        await lab.Flow.ContinueAsync(Some);
        await lab.FinishAsync(VerdictCode.DirectTcp);
    }

    private static bool IsUdp(PathSnapshot path) => path.Type is PathType.Udp;
}
