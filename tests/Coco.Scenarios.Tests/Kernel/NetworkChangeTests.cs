using System.Net.Sockets;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;

namespace Coco.Scenarios.Tests.Kernel;

/// <summary>Hosts and routers that change while sockets are in use.</summary>
public sealed class NetworkChangeTests
{
    [Fact]
    public async Task An_unbound_socket_goes_on_from_another_home()
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var (old, next) = (internet.AddHome("old", NatKind.PortRestricted), internet.AddHome("new", NatKind.Open));
        var host = old.AddHost("host");
        internet.Start();
        using var remote = new LabSocket(server, local: new(server.Address, 0));
        using var socket = new LabSocket(host);
        var inner = host.Address;
        Assert.Equal(old.OuterAddress, (await socket.ReachAsync(remote)).Address);

        host.MoveTo(next);
        Assert.NotEqual(inner, host.Address);
        Assert.Equal(next.OuterAddress, (await socket.ReachAsync(remote)).Address);
    }

    [Fact]
    public async Task An_unplugged_host_cannot_send_until_it_is_plugged_in_again()
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var home = internet.AddHome("home", NatKind.PortRestricted);
        var host = home.AddHost("host");
        internet.Start();
        using var remote = new LabSocket(server, local: new(server.Address, 0));
        using var socket = new LabSocket(host);
        await socket.ReachAsync(remote);

        host.Unplug();
        Assert.Empty(host.Interfaces);
        var failure = Assert.Throws<SocketException>(() => socket.Send(remote.Local, "gone"));
        Assert.Equal(SocketError.NetworkUnreachable, failure.SocketErrorCode);
        host.Plug(home);
        Assert.Equal(home.OuterAddress, (await socket.ReachAsync(remote)).Address);
    }

    [Fact]
    public async Task A_new_lease_is_another_inner_address_and_another_mapping()
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var host = internet.AddHome("home", NatKind.PortRestricted).AddHost("host");
        internet.Start();
        using var remote = new LabSocket(server, local: new(server.Address, 0));
        using var socket = new LabSocket(host);
        var (inner, outer) = (host.Address, await socket.ReachAsync(remote));

        host.Renew();
        Assert.NotEqual(inner, host.Address);
        Assert.NotEqual(outer, await socket.ReachAsync(remote));
    }

    [Fact]
    public async Task A_flapping_link_keeps_addresses_and_mapping_of_both_families()
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var host = internet.AddHome("home", NatKind.PortRestricted, new() { Ipv6 = Ipv6Access.Firewalled }).AddHost("host");
        internet.Start();
        using var remote = new LabSocket(server, local: new(server.Address, 0));
        using var remote6 = new LabSocket(server, local: new(server.Ipv6Address, 0));
        using var socket = new LabSocket(host);
        using var socket6 = new LabSocket(host, AddressFamily.InterNetworkV6);
        var (outer, outer6) = (await socket.ReachAsync(remote), await socket6.ReachAsync(remote6));

        host.Flap();
        Assert.Equal((outer, outer6), (await socket.ReachAsync(remote), await socket6.ReachAsync(remote6)));
    }

    [Theory]
    [InlineData(NatKind.Open)]
    [InlineData(NatKind.AddressRestricted)]
    [InlineData(NatKind.PortRestricted)]
    [InlineData(NatKind.Symmetric)]
    public async Task A_rebooted_router_has_forgotten_its_mappings(NatKind kind)
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var home = internet.AddHome("home", kind);
        var host = home.AddHost("host");
        internet.Start();
        using var remote = new LabSocket(server, local: new(server.Address, 0));
        using var socket = new LabSocket(host);
        var outer = await socket.ReachAsync(remote);

        home.Reboot();
        Assert.False(await remote.ReachesAsync(socket, outer));
        Assert.NotEqual(outer, await socket.ReachAsync(remote));
    }

    [Theory]
    [InlineData(NatKind.Open)]
    [InlineData(NatKind.PortPreserving)]
    [InlineData(NatKind.Symmetric)]
    public async Task A_router_with_a_new_outer_address_sends_from_that_and_still_filters_as_before(NatKind kind)
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var home = internet.AddHome("home", kind);
        var host = home.AddHost("host");
        internet.Start();
        using var probe = new NatProbe(server);
        using var socket = new LabSocket(host);
        var (outer, before) = (await socket.ReachAsync(probe.Main), await probe.ClassifyAsync(host));

        home.ChangeOuterAddress();
        Assert.False(await probe.Main.ReachesAsync(socket, outer));
        Assert.NotEqual(outer.Address, home.OuterAddress);
        Assert.Equal(home.OuterAddress, (await socket.ReachAsync(probe.Main)).Address);
        Assert.Equal(before, await probe.ClassifyAsync(host));
    }

    [Fact]
    public async Task A_home_behind_a_carrier_gets_another_address_from_it()
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var carrier = internet.AddCarrier("carrier", NatKind.PortRestricted);
        var home = internet.AddHome("home", NatKind.Open, new() { Behind = carrier });
        var host = home.AddHost("host");
        internet.Start();
        using var remote = new LabSocket(server, local: new(server.Address, 0));
        using var socket = new LabSocket(host);
        var outer = await socket.ReachAsync(remote);

        home.ChangeOuterAddress();
        var next = await socket.ReachAsync(remote);
        Assert.Equal(carrier.OuterAddress, next.Address);
        Assert.NotEqual(outer, next);
    }

    [Fact]
    public async Task A_host_with_two_lines_uses_the_second_when_the_first_is_gone()
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var (fixedLine, mobile) = (internet.AddHome("fixed", NatKind.PortRestricted), internet.AddHome("mobile", NatKind.Symmetric));
        var host = fixedLine.AddHost("phone");
        host.Plug(mobile, "eth1");
        internet.Start();
        using var remote = new LabSocket(server, local: new(server.Address, 0));
        using var socket = new LabSocket(host);

        Assert.Equal(["eth0", "eth1"], host.Interfaces.Select(entry => entry.InterfaceName));
        Assert.Equal(2, host.Interfaces.Select(entry => entry.InterfaceIndex).Where(index => index > 1).Distinct().Count());
        Assert.Equal(fixedLine.OuterAddress, (await socket.ReachAsync(remote)).Address);
        host.Unplug();
        Assert.Equal(mobile.OuterAddress, (await socket.ReachAsync(remote)).Address);
    }

    [Fact]
    public void A_host_has_as_many_interfaces_as_are_plugged_in()
    {
        using var internet = KernelLab.Create();
        var home = internet.AddHome("home", NatKind.PortRestricted);
        var host = home.AddHost("host");
        for (var i = 1; i < 64; i++) { host.Plug(home, $"eth{i}"); }

        internet.Start();
        Assert.Equal(64, host.Interfaces.Select(entry => entry.Address).Distinct().Count());
        var listed = host.Namespace.Run("ip", "-o", "-4", "addr", "show", "to", "192.168.0.0/16");
        Assert.Equal(64, listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }
}
