using Coco.Tunnels.Rtsp;

namespace Coco.Tests.Tunnels.Rtsp;

/// <summary>Transport headers as players and servers write them (RFC 2326 §12.39, RFC 7826 §18.54).</summary>
public sealed class RtspTransportTests
{
    private const string Tcp = "tcp", Udp = "udp", Group = "group", Other = "other";

    [Theory]
    [InlineData("RTP/AVP/UDP;unicast;client_port=25678-25679", Udp)] // ffmpeg
    [InlineData("RTP/AVP/UDP;unicast;client_port=25678-25679;mode=record", Udp)] // ffmpeg, publishing
    [InlineData("RTP/AVP/TCP;unicast;interleaved=0-1", Tcp)]
    [InlineData("RTP/AVP/UDP;multicast", Group)]
    [InlineData("RTP/AVP;unicast;client_port=54320-54321", Udp)] // live555: VLC, openRTSP
    [InlineData("RAW/RAW/UDP;unicast;client_port=54320-54321", Udp)]
    [InlineData("RTP/SAVPF;unicast;client_port=54320-54321", Udp)]
    [InlineData("RTP/AVP;unicast;client_port=44932-44933,RTP/AVP;multicast,RTP/AVP/TCP;unicast;interleaved=0-1", Udp, Group, Tcp)] // GStreamer
    [InlineData("RTP/AVP;unicast;client_port=6970-6971;", Udp)] // with an end that means nothing
    [InlineData("x-real-rdt/mcast;client_port=6970;mode=play,x-real-rdt/udp;client_port=6970;mode=play,x-pn-tng/tcp;mode=play,rtp/avp;unicast;client_port=6970-6971;mode=play", Udp, Udp, Tcp, Udp)]
    [InlineData("RTP/AVP;unicast;client_port=5000-5001;mode=\"PLAY,RECORD\"", Udp)]
    [InlineData("MP2T/H2221/UDP;unicast;client_port=8000", Udp)] // television
    [InlineData("RTP/AVP", Group)] // RFC 2326: the default
    [InlineData("RTP/AVP;client_port=5000-5001", Udp)]
    [InlineData("RTP/AVP/UDP;unicast;dest_addr=\":4588\"/\":4589\",RTP/AVP/TCP;unicast;interleaved=0-1", Udp, Tcp)] // RFC 7826
    [InlineData("RTP/AVP/DCCP;unicast;client_port=5000-5001", Other)]
    public void What_players_offer_is_told_apart(string header, params string[] kinds)
    {
        Assert.True(RtspTransport.TryParseAll(header, out var all));
        Assert.Equal(kinds, all.Select(static one => one.IsMulticast ? Group : one.IsTcp ? Tcp : one.IsUdp ? Udp : Other));
        Assert.Equal(header.TrimEnd(';'), string.Join(',', all)); // nothing is lost
    }

    [Theory]
    [InlineData("RTP/AVP;unicast;destination=10.0.0.2;source=10.0.0.1;client_port=54320-54321;server_port=6970-6971", 6970, 6971)] // live555
    [InlineData("RTP/AVP;unicast;client_port=44932-44933;server_port=39340-39341;ssrc=0E3A4B2C;mode=\"PLAY\"", 39340, 39341)] // GStreamer, Axis
    [InlineData("RTP/AVP/UDP;unicast;client_port=5000-5001;server_port=20016-20017;ssrc=5A3B2C1D", 20016, 20017)] // Dahua
    [InlineData("RTP/AVP;unicast; client_port = 5000-5001; server_port = 8218-8219", 8218, 8219)]
    [InlineData("RTP/AVP/UDP;unicast;server_port=6970", 6970, null)]
    [InlineData("RTP/AVP/UDP;unicast;server_port=6970-6970", 6970, null)] // RTCP on the same
    public void What_servers_choose_is_read(string header, int rtp, int? rtcp)
    {
        Assert.True(RtspTransport.TryParseAll(header, out var all));
        Assert.Equal(new RtspPorts(rtp, rtcp), RtspPorts.Parse(all.Single()["server_port"]));
    }

    [Theory]
    [InlineData("\":4588\"/\":4589\"", "", 4588, 4589)]
    [InlineData("\"192.0.2.53:4588\"/\"192.0.2.53:4589\"", "192.0.2.53", 4588, 4589)]
    [InlineData("\"[2001:db8::1]:4588\"", "2001:db8::1", 4588, null)]
    [InlineData("\"camera.example:4588\"", "camera.example", 4588, null)]
    public void Addresses_of_RTSP_2_are_read_and_written(string text, string host, int rtp, int? rtcp)
    {
        var ports = RtspPorts.ParseAddresses(text);
        Assert.Equal(new RtspPorts(rtp, rtcp, host), ports);
        Assert.Equal(text, ports!.Value.ToAddresses());
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("0-1")]
    [InlineData("5000-")]
    [InlineData("5000-65536")]
    [InlineData("+5000-5001")]
    [InlineData("5000-5001-5002")]
    [InlineData("\":5000\"/\"192.0.2.1:5001\"")] // two hosts
    [InlineData("\"5000\"")]
    public void Ports_that_are_none_are_refused(string text)
    {
        Assert.Null(RtspPorts.Parse(text));
        Assert.Null(RtspPorts.ParseAddresses(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("RTP")]
    [InlineData("RTP/AVP/UDP/IP;unicast")]
    [InlineData("RTP//UDP;unicast")]
    [InlineData("unicast;client_port=5000-5001")]
    [InlineData("RTP/AVP;unicast,")]
    [InlineData("RTP/AVP \"quoted\";unicast")]
    [InlineData("RTP/AVP;unicast;client_port=5000-5001;mode=\";destination=192.0.2.99;\"")] // which a server may see
    [InlineData("RTP/AVP;unicast;client_port=5000-5001;mode=\"x,RTP/AVP\"")]
    [InlineData("RTP/AVP;unicast;mode=\"PLAY")]
    public void Headers_that_are_none_are_refused(string header) => Assert.False(RtspTransport.TryParseAll(header, out _));

    [Fact]
    public void More_ways_or_parameters_than_anybody_offers_are_refused()
    {
        Assert.True(RtspTransport.TryParseAll(string.Join(',', Enumerable.Repeat("RTP/AVP", RtspTransport.MaxAlternatives)), out _));
        Assert.False(RtspTransport.TryParseAll(string.Join(',', Enumerable.Repeat("RTP/AVP", RtspTransport.MaxAlternatives + 1)), out _));
        Assert.False(RtspTransport.TryParseAll("RTP/AVP" + string.Concat(Enumerable.Repeat(";x", 40)), out _));
    }
}
