using System.Net;
using Coco.Transport.Udp;

namespace Coco.Transport.Tests;

public sealed class UdpAddressTests
{
    [Theory]
    [InlineData("198.51.100.7:4433")]
    [InlineData("[2001:db8::1:2]:65535")]
    [InlineData("[fe80::1%3]:1")]
    [InlineData("0.0.0.0:0")]
    public void An_end_point_comes_back_as_it_was(string text)
    {
        var endPoint = IPEndPoint.Parse(text);

        Assert.Equal(endPoint, new UdpAddress(endPoint).ToIPEndPoint());
    }

    [Theory]
    [InlineData("198.51.100.7:4433", true)]
    [InlineData("198.51.100.7:4433", false)]
    [InlineData("[fe80::1%3]:1", true)]
    public void A_socket_address_is_read_as_written_and_equal(string text, bool ipv6Socket)
    {
        var address = new UdpAddress(IPEndPoint.Parse(text));
        var bytes = new byte[UdpAddress.MaxSocketAddressSize];
        address.WriteSocketAddress(bytes, ipv6Socket);

        var read = UdpAddress.ReadSocketAddress(bytes, ipv6Socket);

        Assert.Equal(address, read);
        Assert.Equal(address.GetHashCode(), read.GetHashCode());
    }

    [Fact] // RFC 4291 §2.5.5.2
    public void Ipv4_is_the_same_address_in_its_ipv6_form()
    {
        Assert.Equal(new UdpAddress(IPEndPoint.Parse("198.51.100.7:1")), new UdpAddress(IPEndPoint.Parse("[::ffff:198.51.100.7]:1")));
        Assert.NotEqual(new UdpAddress(IPEndPoint.Parse("198.51.100.7:1")), new UdpAddress(IPEndPoint.Parse("198.51.100.7:2")));
    }
}
