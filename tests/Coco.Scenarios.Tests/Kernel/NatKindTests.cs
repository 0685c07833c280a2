using Coco.Lab.Kernel;
using Coco.Lab.Nat;

namespace Coco.Scenarios.Tests.Kernel;

/// <summary>The lab's NATs classify as what they are called: a wrong rule set shows here and not as a mystery elsewhere.</summary>
public sealed class NatKindTests
{
    [Fact] // RFC 4787 §4.1, §4.2.1, §5
    public async Task Every_kind_maps_and_filters_as_its_name_says()
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var hosts = NatBehaviour.Expected.Keys.ToDictionary(kind => kind, kind => internet.AddHome($"{kind}", kind).AddHost($"host of {kind}"));
        internet.Start();

        foreach (var (kind, host) in hosts)
        {
            using var probe = new NatProbe(server);
            Assert.Equal((kind, NatBehaviour.Expected[kind]), (kind, await probe.ClassifyAsync(host)));
        }
    }

    [Theory] // RFC 4787 §6
    [InlineData(NatKind.Open, true)]
    [InlineData(NatKind.PortRestricted, true)]
    [InlineData(NatKind.PortPreserving, true)]
    [InlineData(NatKind.Open, false)]
    public async Task A_router_hairpins_where_it_is_told_to(NatKind kind, bool hairpin)
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var home = internet.AddHome("home", kind, new() { Hairpin = hairpin });
        var (one, other) = (home.AddHost("one"), home.AddHost("other"));
        internet.Start();
        using var observer = new LabSocket(server, local: new(server.Address, 0));
        using var sender = new LabSocket(one);
        using var sameHost = new LabSocket(one);
        using var neighbour = new LabSocket(other);
        var outer = await sender.ReachAsync(observer);

        foreach (var receiver in new[] { sameHost, neighbour })
        {
            var target = await receiver.ReachAsync(observer);
            Assert.Equal(hairpin, await sender.ReachesAsync(receiver, target));
            // Who is reached sees the sender's outer address, so that its answers come the same way.
            if (hairpin) { Assert.Equal(outer, await sender.ReachAsync(receiver, target)); }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_router_that_takes_unsolicited_packets_itself_moves_the_hosts_port(bool accepts)
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var host = internet.AddHome("home", NatKind.PortPreserving, new() { AcceptsUnsolicited = accepts }).AddHost("host");
        internet.Start();
        using var probe = new NatProbe(server);
        using var peer = new LabSocket(server, local: new(server.Address, 0));
        using var socket = new LabSocket(host);
        var outer = await socket.ReachAsync(probe.Main);

        Assert.False(await peer.ReachesAsync(socket, outer));
        Assert.Equal(!accepts, outer.Equals(await socket.ReachAsync(peer)));
    }

    [Fact]
    public async Task Mappings_end_when_their_time_is_over()
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var options = new HomeOptions { UdpTimeout = TimeSpan.FromSeconds(2), UdpStreamTimeout = TimeSpan.FromSeconds(5) };
        var host = internet.AddHome("home", NatKind.PortPreserving, options).AddHost("host");
        var mapped = internet.AddHome("mapped", NatKind.PortRestricted, options).AddHost("mapped");
        internet.Start();

        async Task<bool> IsOpenAfter(double idleSeconds, bool asStream)
        {
            using var socket = new LabSocket(host);
            using var remote = new LabSocket(server, local: new(server.Address, 0));
            var outer = await socket.ReachAsync(remote);
            // The kernel takes the longer time only for flows that are older than 2 s.
            for (var i = 0; asStream && i < 14; i++)
            {
                await Task.Delay(200, TestContext.Current.CancellationToken);
                await remote.ReachAsync(socket, await socket.ReachAsync(remote));
            }

            await Task.Delay(TimeSpan.FromSeconds(idleSeconds), TestContext.Current.CancellationToken);
            return await remote.ReachesAsync(socket, outer);
        }

        async Task<bool> KeepsOuterPortAfter(double idleSeconds)
        {
            using var socket = new LabSocket(mapped);
            using var remote = new LabSocket(server, local: new(server.Address, 0));
            var outer = await socket.ReachAsync(remote);
            await Task.Delay(TimeSpan.FromSeconds(idleSeconds), TestContext.Current.CancellationToken);
            return outer.Equals(await socket.ReachAsync(remote));
        }

        var outcomes = await Task.WhenAll(
            IsOpenAfter(0.8, asStream: false), IsOpenAfter(3.5, asStream: false),
            IsOpenAfter(3.2, asStream: true), IsOpenAfter(7, asStream: true),
            KeepsOuterPortAfter(1), KeepsOuterPortAfter(7));
        Assert.Equal([true, false, true, false, true, false], outcomes);
    }
}
