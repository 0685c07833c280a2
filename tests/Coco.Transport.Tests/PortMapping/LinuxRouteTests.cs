using Coco.Transport.PortMapping;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Transport.Tests.PortMapping;

public sealed class LinuxRouteTests
{
    // As a kernel on x64 prints them: eth0 with metric 100, wlan0 with 600, one network route, one unreachable default.
    private const string Ipv4 = """
        Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
        wlan0	00000000	FE02A8C0	0003	0	0	600	00000000	0	0	0
        eth0	00000000	0101A8C0	0003	0	0	100	00000000	0	0	0
        eth0	0001A8C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
        tun0	00000000	00000000	0001	0	0	50	00000000	0	0	0
        """;

    private const string Ipv6 = """
        fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000003 00000000 00000003     eth0
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
        """;

    [Fact]
    public void Default_routes_of_IPv4_are_read_the_preferred_one_first()
    {
        if (!BitConverter.IsLittleEndian) { Assert.Skip("the sample is from a little-endian machine"); }

        Assert.Equal([new("eth0", Host("192.168.1.1"), 100), new("wlan0", Host("192.168.2.254"), 600)], LinuxRoute.ParseIpv4(Ipv4));
    }

    [Fact]
    public void Default_routes_of_IPv6_are_read() => Assert.Equal([new("eth0", Host("fe80::1"), 0x400)], LinuxRoute.ParseIpv6(Ipv6));

    [Fact]
    public void Damaged_tables_are_read_as_far_as_they_go()
    {
        var random = new Random(5);
        foreach (var (text, parse) in new[] { (Ipv4, LinuxRoute.ParseIpv4), (Ipv6, (Func<string, IReadOnlyList<LinuxRoute>>)LinuxRoute.ParseIpv6) })
        {
            for (var i = 0; i < 10_000; i++)
            {
                var damaged = text.ToCharArray();
                for (var n = random.Next(1, 30); n > 0; n--) { damaged[random.Next(damaged.Length)] = (char)random.Next(9, 128); }
                Assert.InRange(parse(new string(damaged)).Count, 0, 60);
            }
        }
    }

    [Fact]
    public void A_router_is_paired_with_our_address_on_its_network()
    {
        InterfaceAddress[] own =
        [
            new(Host("10.0.0.5"), 8, 2, "eth0"), new(Host("192.168.1.10"), 24, 2, "eth0"), new(Host("192.168.2.7"), 24, 3, "wlan0"),
            new(Host("fe80::7"), 64, 2, "eth0"), new(Host("fd00::7"), 64, 2, "eth0"), new(Host("2001:db8::7"), 64, 2, "eth0"),
        ];

        Assert.Equal(
            [
                new(Host("192.168.1.1"), Host("192.168.1.10"), 24),
                new(Host("fe80::1%2"), Host("2001:db8::7"), 64), // a pinhole is for a global address
            ],
            DefaultGateways.Match([("eth0", Host("192.168.1.1")), ("eth0", Host("fe80::1")), ("eth1", Host("192.168.9.1")), ("wlan0", Host("fe80::1"))], own));
    }

    [Fact]
    public void This_machine_is_read_without_failing() => Assert.All(DefaultGateways.Read(), one => Assert.False(one.Local.IsUnspecified));

    private static NetworkAddress Host(string text)
    {
        Assert.True(NetworkAddress.TryParseHost(text, out var address));
        return address;
    }
}
