using System.Net.Sockets;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;

namespace Coco.Scenarios.Tests.Kernel;

/// <summary>Lines that carry less than everything.</summary>
public sealed class LineTests
{
    private const int Headers = 20 + 8; // IPv4, UDP

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.2, 0)]
    [InlineData(0, 0.2)]
    public async Task A_share_of_packets_is_lost_in_the_direction_that_was_asked_for(double up, double down)
    {
        using var internet = KernelLab.Create();
        using var line = new Line(internet, new() { LossUp = up, LossDown = down });
        var outer = await line.OpenAsync();

        Assert.InRange(LossOf(line.Socket, line.Remote, line.Remote.Local), up - 0.06, up + 0.06);
        Assert.InRange(LossOf(line.Remote, line.Socket, outer), down - 0.06, down + 0.06);
    }

    [Fact]
    public async Task Packets_over_a_size_vanish_both_ways()
    {
        using var internet = KernelLab.Create();
        using var line = new Line(internet);
        var outer = await line.OpenAsync();
        line.Home.Line.Apply(new() { LargestCarried = 600 });

        Assert.True(await line.Socket.ReachesAsync(line.Remote, line.Remote.Local, 600 - Headers));
        Assert.False(await line.Socket.ReachesAsync(line.Remote, line.Remote.Local, 601 - Headers));
        Assert.True(await line.Remote.ReachesAsync(line.Socket, outer, 600 - Headers));
        Assert.False(await line.Remote.ReachesAsync(line.Socket, outer, 601 - Headers));
    }

    [Fact]
    public async Task A_small_mtu_is_reported_to_who_asked_not_to_fragment()
    {
        using var internet = KernelLab.Create();
        using var line = new Line(internet, new() { Mtu = 1280 });
        await line.OpenAsync();
        line.Socket.Socket.DontFragment = true;
        await line.Socket.Socket.ConnectAsync(line.Remote.Local, TestContext.Current.CancellationToken);

        await ObstacleTests.SendUntilItFailsAsync(line.Socket.Socket, 1);
        var failure = await Assert.ThrowsAsync<SocketException>(() => ObstacleTests.SendUntilItFailsAsync(line.Socket.Socket, 1281 - Headers));
        Assert.Equal(SocketError.MessageSize, failure.SocketErrorCode);
    }

    [Fact]
    public async Task In_a_black_hole_nobody_hears_that_a_packet_was_too_big()
    {
        using var internet = KernelLab.Create();
        using var line = new Line(internet, new() { Mtu = 1280 }, Obstacles.TooBigMessages);
        internet.SetObstacles(Obstacles.TooBigMessages);
        var outer = await line.OpenAsync();
        line.Socket.Socket.DontFragment = true;
        line.Remote.Socket.DontFragment = true;

        for (var i = 0; i < 3; i++)
        {
            Assert.False(await line.Socket.ReachesAsync(line.Remote, line.Remote.Local, 1281 - Headers));
            Assert.False(await line.Remote.ReachesAsync(line.Socket, outer, 1281 - Headers));
        }

        Assert.True(await line.Socket.ReachesAsync(line.Remote, line.Remote.Local, 1280 - Headers));
        Assert.True(await line.Remote.ReachesAsync(line.Socket, outer, 1280 - Headers));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_line_with_a_rate_buffers_little_and_drops_the_rest(bool up)
    {
        using var internet = KernelLab.Create();
        using var line = new Line(internet);
        var outer = await line.OpenAsync();
        line.Home.Line.Apply(up ? new() { RateUp = 1_000 } : new() { RateDown = 1_000 });
        var (from, to, at) = up ? (line.Socket, line.Remote, line.Remote.Local) : (line.Remote, line.Socket, outer);

        // 4,000 bytes pass at once, 50 ms are worth 6,250.
        Assert.InRange(await BurstAsync(from, to, at, packets: 50, size: 1_000), 5, 20);
        line.Home.Line.Apply(new());
        Assert.Equal(50, await BurstAsync(from, to, at, packets: 50, size: 1_000));
    }

    private static async Task<int> BurstAsync(LabSocket from, LabSocket to, System.Net.IPEndPoint at, int packets, int size)
    {
        for (var i = 0; i < packets; i++) { from.Send(at, new string('x', size)); }

        var arrived = 0;
        // One packet takes 8 ms; the kernel that lets the next one go may itself have stood still for longer than that.
        while (await to.TryReceiveAsync(TimeSpan.FromSeconds(2)) is not null) { arrived++; }

        return arrived;
    }

    private static double LossOf(LabSocket from, LabSocket to, System.Net.IPEndPoint at)
    {
        const int Packets = 2_000;
        var arrived = 0;
        for (var i = 0; i < Packets; i++)
        {
            // Without delay in the lab a packet is there when sending it has returned, or soon after, when another processor has it.
            from.Send(at, "0");
            while (to.TryTake(out _, out _)) { arrived++; }
        }

        SpinWait.SpinUntil(() => { while (to.TryTake(out _, out _)) { arrived++; } return arrived == Packets; }, 200);
        return 1 - (arrived / (double)Packets);
    }

    private sealed class Line : IDisposable
    {
        public Line(KernelInternet internet, LineConditions? conditions = null, Obstacles obstacles = Obstacles.None)
        {
            var server = internet.AddServer("server");
            Home = internet.AddHome("home", NatKind.PortRestricted, new() { Line = conditions ?? new(), Obstacles = obstacles });
            var host = Home.AddHost("host");
            internet.Start();
            Remote = new(server, local: new(server.Address, 0));
            Socket = new(host);
        }

        public KernelRouter Home { get; }

        public LabSocket Remote { get; }

        public LabSocket Socket { get; }

        // Sends until one comes through, the line may be lossy, and until the other side's first word has come back.
        public async Task<System.Net.IPEndPoint> OpenAsync()
        {
            for (var i = 0; i < 50; i++)
            {
                Socket.Send(Remote.Local, "open");
                if (await Remote.TryReceiveAsync(TimeSpan.FromMilliseconds(100)) is { } received) { return received.From; }
            }

            throw new TimeoutException("the line carries nothing");
        }

        public void Dispose()
        {
            Remote.Dispose();
            Socket.Dispose();
        }
    }
}
