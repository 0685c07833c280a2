using System.Diagnostics;
using System.Net;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;

namespace Coco.Scenarios.Tests.Kernel;

/// <summary>Lines that take time. Margins are those of a busy machine.</summary>
public sealed class DelayTests
{
    [Fact]
    public async Task A_round_trip_takes_the_delays_of_both_lines_twice()
    {
        using var internet = KernelLab.CreateForDelays();
        using var pair = new Pair(
            internet, new() { Delay = TimeSpan.FromMilliseconds(20) }, new() { Delay = TimeSpan.FromMilliseconds(30) });
        Assert.InRange(await pair.RoundTripAsync(), 100, 150);

        pair.Home.Line.Apply(new() { Delay = TimeSpan.FromMilliseconds(70) });
        Assert.InRange(await pair.RoundTripAsync(), 200, 250);
    }

    [Fact]
    public async Task Jitter_keeps_the_order()
    {
        using var internet = KernelLab.CreateForDelays();
        using var pair = new Pair(internet, new() { Delay = TimeSpan.FromMilliseconds(5), Jitter = TimeSpan.FromMilliseconds(20) });
        var arrived = await pair.SendUpAsync(200);

        Assert.Equal(Enumerable.Range(0, 200), arrived);
    }

    [Fact]
    public async Task Packets_are_passed_by_others_and_doubled_as_often_as_was_asked_for()
    {
        using var internet = KernelLab.CreateForDelays();
        using var pair = new Pair(internet, new() { Delay = TimeSpan.FromMilliseconds(40), Reordered = 0.1, Duplicated = 0.1 });
        var arrived = await pair.SendUpAsync(200);

        Assert.InRange(arrived.Count, 205, 245);
        Assert.Equal(200, arrived.Distinct().Count());
        Assert.InRange(arrived.Zip(arrived.Skip(1)).Count(two => two.Second < two.First), 1, 60);
    }

    [Fact]
    public async Task A_delayed_line_is_cut_and_its_thread_ends_with_the_lab()
    {
        var internet = KernelLab.CreateForDelays();
        using (var pair = new Pair(internet, new() { Delay = TimeSpan.Zero }, new() { Delay = TimeSpan.Zero }))
        {
            await pair.RoundTripAsync();
            pair.Server.Unplug();
            Assert.False(await pair.Socket.ReachesAsync(pair.Remote, pair.Remote.Local));
        }

        var devices = Devices();
        internet.Dispose();
        Assert.NotEqual(0, devices);
        Assert.True(SpinWait.SpinUntil(() => Devices() < devices, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void A_line_within_a_home_has_no_delay()
    {
        using var internet = KernelLab.CreateForDelays();
        var carrier = internet.AddCarrier("carrier", NatKind.Open);

        Assert.Throws<ArgumentException>(() => internet.AddHome("home", NatKind.Open, new() { Behind = carrier, Line = new() { Delay = TimeSpan.Zero } }));
        Assert.Throws<ArgumentException>(() => carrier.Line.Apply(new() { Delay = TimeSpan.Zero }));
    }

    private static int Devices() => Directory.GetFiles("/proc/self/fd").Count(file => LinkOf(file) is "/dev/net/tun");

    private static string? LinkOf(string path)
    {
        try { return new FileInfo(path).LinkTarget; }
        catch (IOException) { return null; }
    }

    private sealed class Pair : IDisposable
    {
        public Pair(KernelInternet internet, LineConditions homeLine, LineConditions? serverLine = null)
        {
            Server = internet.AddServer("server", serverLine ?? new());
            Home = internet.AddHome("home", NatKind.PortRestricted, new() { Line = homeLine });
            var host = Home.AddHost("host");
            internet.Start();
            Remote = new(Server, local: new(Server.Address, 0));
            Socket = new(host);
        }

        public KernelHost Server { get; }

        public KernelRouter Home { get; }

        public LabSocket Remote { get; }

        public LabSocket Socket { get; }

        /// <summary>The median of a few, in milliseconds.</summary>
        public async Task<double> RoundTripAsync()
        {
            var times = new List<double>();
            for (var i = 0; i < 7; i++)
            {
                var started = Stopwatch.GetTimestamp();
                IPEndPoint outer = await Socket.ReachAsync(Remote);
                await Remote.ReachAsync(Socket, outer);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return times.Order().ElementAt(3);
        }

        /// <summary>Sends numbered packets, two milliseconds apart, and answers the numbers in the order of their arrival.</summary>
        public async Task<IReadOnlyList<int>> SendUpAsync(int packets)
        {
            using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
            for (var i = 0; i < packets; i++)
            {
                Socket.Send(Remote.Local, i.ToString());
                await pulse.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            }

            var arrived = new List<int>();
            while (await Remote.TryReceiveAsync(TimeSpan.FromMilliseconds(300)) is { } received) { arrived.Add(int.Parse(received.Text)); }

            return arrived;
        }

        public void Dispose()
        {
            Remote.Dispose();
            Socket.Dispose();
        }
    }
}
