using System.Net;

namespace Coco.Traversal.Tests;

public sealed class NetworkAddressTests
{
    [Theory]
    [InlineData("192.0.2.1:443")]
    [InlineData("0.0.0.0:0")]
    [InlineData("255.255.255.255:65535")]
    [InlineData("[2001:db8::1]:443")]
    [InlineData("[::]:0")]
    [InlineData("[::1]:1")]
    [InlineData("[fe80::1%3]:5353")]
    [InlineData("[2001:db8:0:1:1:1:1:1]:80")] // RFC 5952 §4.2.2: one group is not shortened
    [InlineData("[2001:db8::1:0:0:1]:80")] // §4.2.3: the first of equal runs
    [InlineData("[2001:0:0:1::1]:80")] // §4.2.3: the longest run
    public void Text_is_read_and_written_alike(string text)
    {
        Assert.True(NetworkAddress.TryParse(text, out var address));
        Assert.Equal(text, address.ToString());
        Assert.Equal(IPEndPoint.Parse(text).ToString(), address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("192.0.2.1")]
    [InlineData(":1")]
    [InlineData("192.0.2:1")]
    [InlineData("192.0.2.01:1")]
    [InlineData("192.0.2.256:1")]
    [InlineData("192.0.2.1.1:1")]
    [InlineData("192.0.2.1:65536")]
    [InlineData("192.0.2.1:-1")]
    [InlineData("2001:db8::1:443")]
    [InlineData("[192.0.2.1]:1")]
    [InlineData("[2001:db8:::1]:1")]
    [InlineData("[1:2:3:4:5:6:7]:1")]
    [InlineData("[1:2:3:4:5:6:7:8:9]:1")]
    [InlineData("[1:2:3:4::5:6:7:8]:1")]
    [InlineData("[12345::]:1")]
    [InlineData("[::1.2.3]:1")]
    [InlineData("example.org:1")]
    public void What_is_no_address_is_refused(string text) => Assert.False(NetworkAddress.TryParse(text, out _));

    [Fact]
    public void Any_IPv6_address_has_the_text_that_the_platform_gives_it()
    {
        var random = new Random(7);
        var bytes = new byte[16];
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);
            for (var at = 0; at < 16; at += 2)
            {
                if (random.Next(3) != 0) { bytes[at] = bytes[at + 1] = 0; }
            }
            var address = NetworkAddress.FromIpv6(bytes, 1);
            if (address.IsIpv4 || bytes.AsSpan(0, 8).IndexOfAnyExcept((byte)0) < 0) { continue; } // the platform writes embedded IPv4 with dots
            Assert.Equal(new IPAddress(bytes).ToString(), address.HostText);
            Assert.True(NetworkAddress.TryParseHost(address.HostText, out var read));
            Assert.Equal(address, read.WithPort(1));
        }
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.15.0.1", false)]
    [InlineData("172.16.0.1", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.255.1", true)]
    [InlineData("192.169.0.1", false)]
    [InlineData("100.63.255.255", false)]
    [InlineData("100.64.0.0", true)]
    [InlineData("100.127.255.255", true)]
    [InlineData("100.128.0.0", false)]
    [InlineData("169.254.1.1", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("198.51.100.1", false)]
    [InlineData("fd00::1", true)]
    [InlineData("fc00::1", true)]
    [InlineData("fe00::1", false)]
    [InlineData("fe80::1", true)]
    [InlineData("febf::1", true)]
    [InlineData("fec0::1", false)]
    [InlineData("::1", true)]
    [InlineData("2001:db8::1", false)]
    public void Private_addresses_are_those_that_mean_different_hosts_in_different_places(string text, bool isPrivate)
    {
        Assert.True(NetworkAddress.TryParseHost(text, out var address));
        Assert.Equal(isPrivate, address.IsPrivate);
    }

    [Theory]
    [InlineData("192.0.2.1:1", true)]
    [InlineData("192.0.2.1:0", false)]
    [InlineData("0.0.0.0:1", false)]
    [InlineData("0.1.2.3:1", false)]
    [InlineData("224.0.0.1:1", false)]
    [InlineData("255.255.255.255:1", false)]
    [InlineData("[::]:1", false)]
    [InlineData("[ff02::1]:1", false)]
    [InlineData("[2001:db8::1]:1", true)]
    public void Nothing_is_sent_to_groups_or_nobody(string text, bool isSendable)
    {
        Assert.True(NetworkAddress.TryParse(text, out var address));
        Assert.Equal(isSendable, address.IsSendable);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.254", 24, true)]
    [InlineData("192.0.2.1", "192.0.3.1", 24, false)]
    [InlineData("192.0.2.1", "203.0.113.1", 0, true)]
    [InlineData("192.0.2.1", "2001:db8::1", 0, false)]
    [InlineData("2001:db8::1", "2001:db8::ffff", 64, true)]
    [InlineData("2001:db8::1", "2001:db8::2", 128, false)]
    public void Prefixes_are_compared_bit_by_bit(string one, string other, int bits, bool shared)
    {
        Assert.True(NetworkAddress.TryParseHost(one, out var left));
        Assert.True(NetworkAddress.TryParseHost(other, out var right));
        Assert.Equal(shared, left.SharesPrefix(right, bits));
    }

    [Theory]
    [InlineData("192.0.2.1:443", "04c000020101bb")]
    [InlineData("[2001:db8::1]:443", "0620010db800000000000000000000000101bb")]
    public void On_the_wire_it_is_family_address_and_port(string text, string hex)
    {
        Assert.True(NetworkAddress.TryParse(text, out var address));
        var bytes = new byte[NetworkAddress.MaxWireLength];
        Assert.Equal(address.WireLength, address.Write(bytes));
        Assert.Equal(hex, Convert.ToHexStringLower(bytes.AsSpan(0, address.WireLength)));
        Assert.True(NetworkAddress.TryRead(bytes, out var read, out var length));
        Assert.Equal((address, address.WireLength), (read, length));
    }

    [Fact]
    public void Bytes_that_are_no_address_are_refused()
    {
        Assert.False(NetworkAddress.TryRead([], out _, out _));
        Assert.False(NetworkAddress.TryRead([4, 1, 2, 3, 4, 5], out _, out _));
        Assert.False(NetworkAddress.TryRead([5, 1, 2, 3, 4, 5, 6], out _, out _));
        Assert.False(NetworkAddress.TryRead(Convert.FromHexString("0600000000000000000000ffffc000020101bb"), out _, out _));
    }
}
