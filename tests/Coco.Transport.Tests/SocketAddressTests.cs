using System.Net;
using Coco.Transport.Udp;

namespace Coco.Transport.Tests;

public sealed class SocketAddressTests
{
    [Theory]
    [InlineData("198.51.100.7:4433")]
    [InlineData("[2001:db8::1:2]:65535")]
    [InlineData("[fe80::1%3]:1")]
    [InlineData("0.0.0.0:0")]
    public void An_end_point_comes_back_as_it_was(string text)
    {
        var endPoint = IPEndPoint.Parse(text);

        Assert.Equal(endPoint, endPoint.ToNetworkAddress().ToIPEndPoint());
    }

    [Theory]
    [InlineData("198.51.100.7:4433", true)]
    [InlineData("198.51.100.7:4433", false)]
    [InlineData("[fe80::1%3]:1", true)]
    public void A_socket_address_is_read_as_written_and_equal(string text, bool ipv6Socket)
    {
        var address = IPEndPoint.Parse(text).ToNetworkAddress();
        var bytes = new byte[SocketAddressBytes.MaxSize];
        SocketAddressBytes.Write(address, bytes, ipv6Socket);

        Assert.Equal(address, SocketAddressBytes.Read(bytes, ipv6Socket));
    }

    [Theory, InlineData("198.51.100.7:4433"), InlineData("[2001:db8::1:2]:65535"), InlineData("[fe80::1%3]:1")]
    public void A_socket_address_is_the_one_the_platform_makes(string text)
    {
        var endPoint = IPEndPoint.Parse(text);
        var expected = endPoint.Serialize();
        var bytes = new byte[SocketAddressBytes.MaxSize];

        var size = SocketAddressBytes.Write(endPoint.ToNetworkAddress(), bytes, ipv6Socket: text[0] == '[');

        Assert.Equal(expected.Size, size);
        Assert.Equal(expected.Buffer.Span[2..size].ToArray(), bytes[2..size]);
    }

    [Fact] // RFC 4291 §2.5.5.2
    public void Ipv4_is_the_same_address_in_its_ipv6_form() =>
        Assert.Equal(IPEndPoint.Parse("198.51.100.7:1").ToNetworkAddress(), IPEndPoint.Parse("[::ffff:198.51.100.7]:1").ToNetworkAddress());
}
