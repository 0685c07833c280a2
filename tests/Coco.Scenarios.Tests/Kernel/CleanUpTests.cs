using Coco.Lab;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;

namespace Coco.Scenarios.Tests.Kernel;

/// <summary>Nothing of a lab stays behind.</summary>
public sealed class CleanUpTests
{
    [Fact]
    public async Task Disposing_of_a_lab_ends_its_namespaces()
    {
        using var watch = Watch();
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var carrier = internet.AddCarrier("carrier", NatKind.Open);
        var home = internet.AddHome("home", NatKind.PortRestricted, new() { Behind = carrier, Line = new() { LossUp = 0.01 } });
        var host = home.AddHost("host");
        internet.Start();
        host.MoveTo(carrier);
        using (var remote = new LabSocket(server, local: new(server.Address, 0)))
        using (var socket = new LabSocket(host)) { await socket.ReachAsync(remote); }

        Observe(watch, internet);
        internet.Dispose();
        await AssertGoneAsync(watch);
        GC.KeepAlive(internet); // it must be disposing that ended them, not the collector
    }

    [Fact]
    public async Task A_lab_that_could_not_be_built_leaves_nothing_either()
    {
        using var watch = Watch();
        using var internet = KernelLab.Create();
        var home = internet.AddHome("home", NatKind.PortRestricted);
        home.AddHost("host").Plug(home, "anamethatistoolongforadevice1");
        var failure = Assert.Throws<InvalidOperationException>(internet.Start);
        Assert.Contains("anamethatistoolongforadevice1", failure.Message, StringComparison.Ordinal);

        Observe(watch, internet);
        internet.Dispose();
        await AssertGoneAsync(watch);
        GC.KeepAlive(internet);
    }

    [Fact]
    public async Task No_thread_of_ours_stays_inside()
    {
        using var internet = KernelLab.Create();
        internet.AddServer("server");
        var host = internet.AddHome("home", NatKind.PortRestricted).AddHost("host");
        internet.Start();
        using var socket = new LabSocket(host);
        host.Flap();
        Assert.NotEmpty(host.Interfaces);

        Assert.Equal(4, internet.Namespaces.Select(space => space.Id).Distinct().Count());
        await OwnThreads.AssertNoneStaysAsync(internet.Namespaces);
    }

    private static NetNamespace Watch()
    {
        using (KernelLab.Create()) { return NetNamespace.Create(); }
    }

    // A device goes with its peer, and its peer with the namespace that is in. So the watch sees when the kernel has really ended one,
    // which it does when no descriptor, socket, thread or process is left that holds it. (Numbers of namespaces would not tell: they are
    // given out again at once.)
    private static void Observe(NetNamespace watch, KernelInternet internet)
    {
        for (var i = 0; i < internet.Namespaces.Count; i++)
        {
            watch.Ip($"link add w{i} type veth peer name watched netns {internet.Namespaces[i].HandlePath}\n");
        }

        Assert.Equal(internet.Namespaces.Count, LinesOf(watch.Run("ip", "-o", "link", "show", "type", "veth")));
    }

    private static int LinesOf(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    private static async Task AssertGoneAsync(NetNamespace watch)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (watch.Run("ip", "-o", "link", "show", "type", "veth").Length > 0) { await pulse.WaitForNextTickAsync(limit.Token); }
    }
}
