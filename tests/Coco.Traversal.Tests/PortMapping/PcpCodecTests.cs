using Coco.Traversal.PortMapping;
using Coco.Traversal.PortMapping.Pcp;

namespace Coco.Traversal.Tests.PortMapping;

/// <summary>Messages written out by hand from the figures of RFC 6887.</summary>
public sealed class PcpCodecTests
{
    private static readonly NetworkAddress Client = NetworkAddress.FromIpv4(0xC0A8010A, 0); // 192.168.1.10
    private static readonly MappingNonce Nonce = MappingNonce.Read(Convert.FromHexString("0102030405060708090a0b0c"));

    [Fact] // §7.1, §11.1
    public void A_map_request_has_the_layout_of_figures_2_and_9()
    {
        var map = new PcpMap(Nonce, MappedTransport.Udp, 6000, NetworkAddress.FromIpv4(0, 6000));

        Assert.Equal(
            "0201000000001c20" + "00000000000000000000ffffc0a8010a" // version, opcode, reserved, 7,200 s, client
            + "0102030405060708090a0b0c" + "11000000" + "1770" + "1770" + "00000000000000000000ffff00000000",
            Convert.ToHexStringLower(PcpRequest.Map(Client, 7200, map)));
    }

    [Fact] // §14.1.1: a header and nothing else
    public void An_announce_request_is_a_header() =>
        Assert.Equal("0200000000000000" + "00000000000000000000ffffc0a8010a", Convert.ToHexStringLower(PcpRequest.Announce(Client)));

    [Fact] // §7.2, §11.1
    public void A_map_response_is_read_by_figures_3_and_10()
    {
        var bytes = Convert.FromHexString(
            "02810000" + "00000e10" + "00000064" + "000000000000000000000000"
            + "0102030405060708090a0b0c" + "06000000" + "01bb" + "9c40" + "00000000000000000000ffffcb007101");

        Assert.True(PcpResponse.TryParse(bytes, out var response));
        Assert.Equal((2, PcpOpcode.Map, PcpResult.Success, 3600u, 100u), (response.Version, response.Opcode, response.Result, response.Lifetime, response.Epoch));
        Assert.Equal(new PcpMap(Nonce, MappedTransport.Tcp, 443, NetworkAddress.FromIpv4(0xCB007101, 40000)), response.Map);
    }

    [Fact] // §9: a server of another version is understood well enough to give up
    public void A_refused_version_is_read_whatever_the_version()
    {
        Assert.True(PcpResponse.TryParse(Convert.FromHexString("01810001" + "00000000" + "00000001" + "000000000000000000000000"), out var response));
        Assert.Equal((1, PcpResult.UnsupportedVersion, null), (response.Version, response.Result, response.Map));
    }

    [Theory] // §8.3
    [InlineData("")]
    [InlineData("02010000" + "00000000" + "00000001" + "000000000000000000000000")] // a request
    [InlineData("02800000" + "00000000" + "00000001" + "0000000000000000")] // 20 bytes
    [InlineData("02800000" + "00000000" + "00000001" + "0000000000000000000000000000")] // 26 bytes
    [InlineData("02810000" + "00000000" + "00000001" + "000000000000000000000000")] // a mapping without its body
    public void What_is_no_response_is_dropped(string hex) => Assert.False(PcpResponse.TryParse(Convert.FromHexString(hex), out _));

    [Fact] // §7
    public void A_message_over_1100_bytes_is_dropped()
    {
        var bytes = new byte[1104];
        (bytes[0], bytes[1]) = (2, 0x81);

        Assert.True(PcpResponse.TryParse(bytes.AsSpan(0, 1100), out _));
        Assert.False(PcpResponse.TryParse(bytes, out _));
    }

    [Theory] // §8.5
    [InlineData(100, 10, 110, true)]
    [InlineData(100, 0, 99, true)] // one second back
    [InlineData(100, 0, 98, false)]
    [InlineData(1000, 60, 0, false)] // rebooted
    [InlineData(1000, 1600, 2600, true)]
    [InlineData(1000, 1600, 2498, true)] // client + 2 ≥ server − server/16, server + 2 ≥ client − client/16: 1498 + 2 ≥ 1500
    [InlineData(1000, 1600, 2497, false)]
    [InlineData(1000, 1500, 2602, true)] // 1602 − 100 = 1502
    [InlineData(1000, 1500, 2604, false)] // 1604 − 100 = 1504
    public void The_epoch_shows_that_the_server_lost_its_state(uint first, int elapsed, uint second, bool isValid)
    {
        var epoch = new PcpEpoch();
        Assert.True(epoch.Observe(first, TimeSpan.FromSeconds(7)));
        Assert.Equal(isValid, epoch.Observe(second, TimeSpan.FromSeconds(7 + elapsed)));
    }
}
