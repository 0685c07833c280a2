using Coco.Traversal.PortMapping;
using Coco.Traversal.PortMapping.NatPmp;

namespace Coco.Traversal.Tests.PortMapping;

/// <summary>Messages written out by hand from the figures of RFC 6886.</summary>
public sealed class NatPmpCodecTests
{
    [Fact] // §3.2
    public void An_address_request_is_two_zeros() => Assert.Equal([0, 0], NatPmpRequest.Address());

    [Theory] // §3.3
    [InlineData(MappedTransport.Udp, "000100001770" + "1771" + "00001c20")]
    [InlineData(MappedTransport.Tcp, "000200001770" + "1771" + "00001c20")]
    internal void A_map_request_has_the_layout_of_section_3_3(MappedTransport transport, string hex) =>
        Assert.Equal(hex, Convert.ToHexStringLower(NatPmpRequest.Map(transport, 6000, 6001, 7200)));

    [Fact] // §3.2
    public void An_address_response_is_read()
    {
        Assert.True(NatPmpResponse.TryParse(Convert.FromHexString("0080000000000064cb007101"), out var response));
        Assert.Equal((NatPmpResult.Success, 100u, NetworkAddress.FromIpv4(0xCB007101, 0)), (response.Result, response.Epoch, response.Address));
    }

    [Fact] // §3.3
    public void A_map_response_is_read()
    {
        Assert.True(NatPmpResponse.TryParse(Convert.FromHexString("00810000000000641770177100000e10"), out var response));
        Assert.Equal((1, 6000, 6001, 3600u), (response.Opcode, response.InternalPort, response.ExternalPort, response.Lifetime));
    }

    [Theory] // §3.5
    [InlineData("0082000200000064", NatPmpResult.NotAuthorized)]
    [InlineData("0080000300000064" + "00000000", NatPmpResult.NetworkFailure)]
    [InlineData("0081000100000064", NatPmpResult.UnsupportedVersion)]
    [InlineData("00ff000500000064", NatPmpResult.UnsupportedOpcode)]
    internal void A_failure_may_end_after_the_epoch(string hex, NatPmpResult result)
    {
        Assert.True(NatPmpResponse.TryParse(Convert.FromHexString(hex), out var response));
        Assert.Equal(result, response.Result);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000000000640000")] // a request
    [InlineData("02800000000000640000")] // another version
    [InlineData("0080000000000064cb0071")] // success, cut short
    [InlineData("008100000000006417701771000e10")]
    [InlineData("00ff000000000064")] // success of nothing known
    public void What_is_no_response_is_dropped(string hex) => Assert.False(NatPmpResponse.TryParse(Convert.FromHexString(hex), out _));

    [Theory] // §3.6: seven eighths of our clock, less two seconds
    [InlineData(100, 800, 900, true)]
    [InlineData(100, 800, 798, true)]
    [InlineData(100, 800, 797, false)]
    [InlineData(1000, 60, 0, false)]
    [InlineData(100, 1, 5000, true)] // a fast clock is no reboot
    public void The_epoch_shows_that_the_router_restarted(uint first, int elapsed, uint second, bool isValid)
    {
        var epoch = new NatPmpEpoch();
        Assert.True(epoch.Observe(first, TimeSpan.FromSeconds(7)));
        Assert.Equal(isValid, epoch.Observe(second, TimeSpan.FromSeconds(7 + elapsed)));
    }
}
