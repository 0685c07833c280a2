using System.Net;
using Coco.Transport.Network;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Transport.Tests.Network;

public sealed class SystemNetworkTests : IDisposable
{
    private static readonly InterfaceAddress First = new(NetworkAddress.FromIpv4(0xC0000201, 0), 24, 1, "eth0", HasDefaultRoute: true);

    private readonly ManualTime _time = new();
    private readonly SystemNetwork _network;
    private InterfaceAddress[] _addresses = [First];
    private int _changes;

    public SystemNetworkTests()
    {
        _network = new(() => _addresses, _time);
        _network.Changed += (_, _) => _changes++;
    }

    [Fact]
    public void An_address_that_changes_without_an_event_is_noticed_within_5_seconds()
    {
        _time.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal(0, _changes);

        _addresses = [First with { Address = NetworkAddress.FromIpv4(0xC0000202, 0) }];
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(1, _changes);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(1, _changes);
    }

    [Fact]
    public void Events_in_quick_succession_are_one_change()
    {
        for (var i = 0; i < 5; i++)
        {
            _network.OnSystemEvent(null, EventArgs.Empty);
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }
        Assert.Equal(0, _changes);

        _time.Advance(TimeSpan.FromMilliseconds(50));

        Assert.Equal(1, _changes);
    }

    [Fact]
    public void Waking_from_sleep_is_a_change_though_the_addresses_are_the_same()
    {
        _time.Sleep(TimeSpan.FromHours(1));
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(1, _changes);
    }

    [Fact]
    public void Nothing_is_told_after_disposal()
    {
        _network.Dispose();
        _addresses = [];
        _network.OnSystemEvent(null, EventArgs.Empty);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(0, _changes);
    }

    [Fact]
    public void The_systems_interfaces_have_names_addresses_and_prefixes()
    {
        var interfaces = SystemInterfaces.Read();

        Assert.True(interfaces.Count <= SystemInterfaces.MaxAddresses);
        Assert.All(interfaces, address =>
        {
            Assert.False(address.Address.IsLoopback);
            Assert.Equal(0, address.Address.Port);
            Assert.NotEmpty(address.InterfaceName);
            Assert.InRange(address.PrefixLength, 0, address.Address.IsIpv4 ? 32 : 128);
        });
    }

    [Fact]
    public void The_systems_sockets_are_bound_where_asked()
    {
        using var network = new SystemNetwork();
        using var channel = network.CreateUdp(new(IPAddress.Loopback, 0), new());

        Assert.Equal(IPAddress.Loopback, channel.LocalEndPoint.Address);
        Assert.NotEqual(0, channel.LocalEndPoint.Port);
    }

    public void Dispose() => _network.Dispose();
}
