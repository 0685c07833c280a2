using System.Net.Sockets;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;

namespace Coco.Scenarios.Tests.Kernel;

/// <summary>Which pairs meet by plain punching through the kernel's NATs.</summary>
public sealed class PunchMatrixTests
{
    [Fact]
    public async Task Every_cell_of_the_matrix_is_direct_exactly_where_it_is_expected()
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var callers = NatMatrix.Kinds.ToDictionary(kind => kind, kind => internet.AddHome($"{kind}", kind).AddHost($"caller behind {kind}"));
        var callees = NatMatrix.Kinds.ToDictionary(kind => kind, kind => internet.AddHome($"{kind}", kind).AddHost($"callee behind {kind}"));
        internet.Start();

        // Birthday punching is more than plain punching.
        var outcomes = await Task.WhenAll(NatMatrix.Cells.Select(async cell =>
            (cell, Direct: await Punch.TryAsync(server, callers[cell.Caller], callees[cell.Callee]))));
        var expected = NatMatrix.Cells.Select(cell => (cell, Direct: NatMatrix.Expected(cell.Caller, cell.Callee) is NatOutcome.Direct));
        Assert.Equal(expected, outcomes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Neighbours_behind_a_carrier_meet_by_outer_addresses_only_where_it_hairpins(bool hairpin)
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var carrier = internet.AddCarrier("carrier", NatKind.Open, hairpin);
        var one = internet.AddHome("one", NatKind.PortRestricted, new() { Behind = carrier }).AddHost("one");
        var other = internet.AddHome("other", NatKind.PortRestricted, new() { Behind = carrier }).AddHost("other");
        internet.Start();

        Assert.Equal(hairpin, await Punch.TryAsync(server, one, other));
    }

    [Fact]
    public async Task Three_translations_in_a_row_are_punched_like_one()
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var country = internet.AddCarrier("country", NatKind.PortRestricted);
        var city = internet.AddCarrier("city", NatKind.Open, behind: country);
        var deep = internet.AddHome("deep", NatKind.PortPreserving, new() { Behind = city }).AddHost("deep");
        var shallow = internet.AddHome("shallow", NatKind.PortRestricted).AddHost("shallow");
        internet.Start();

        using var socket = new LabSocket(deep);
        using var observer = new LabSocket(server, local: new(server.Address, 0));
        Assert.Equal(country.OuterAddress, (await socket.ReachAsync(observer)).Address);
        Assert.True(await Punch.TryAsync(server, deep, shallow));
    }

    [Fact]
    public async Task Homes_with_the_same_private_addresses_meet()
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var one = internet.AddHome("one", NatKind.PortRestricted, new() { Network = 1 }).AddHost("one");
        var other = internet.AddHome("other", NatKind.PortRestricted, new() { Network = 1 }).AddHost("other");
        internet.Start();

        Assert.Equal(one.Address, other.Address);
        Assert.True(await Punch.TryAsync(server, one, other));
    }

    [Theory]
    [InlineData(Ipv6Access.Firewalled, Ipv6Access.Firewalled)]
    [InlineData(Ipv6Access.Firewalled, Ipv6Access.FirewalledEndpointIndependent)]
    [InlineData(Ipv6Access.Open, Ipv6Access.Firewalled)]
    public async Task Ipv6_firewalls_are_opened_from_both_sides(Ipv6Access oneAccess, Ipv6Access otherAccess)
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var one = internet.AddHome("one", NatKind.Symmetric, new() { Ipv6 = oneAccess }).AddHost("one");
        var other = internet.AddHome("other", NatKind.Symmetric, new() { Ipv6 = otherAccess, Ipv4 = false }).AddHost("other");
        internet.Start();

        Assert.True(await Punch.TryAsync(server, one, other, AddressFamily.InterNetworkV6));
    }
}
