using System.Text;
using Coco.Traversal.PortMapping;
using Coco.Traversal.PortMapping.Upnp;

namespace Coco.Traversal.Tests.PortMapping;

public sealed class UpnpCodecTests
{
    private static readonly HttpAddress Location = Address("http://192.168.1.1:5000/root/desc.xml?x=1/2");

    [Fact] // UPnP Device Architecture 1.1 §1.3.2
    public void A_search_has_the_headers_of_the_specification() => Assert.Equal(
        "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n"
        + "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n",
        Encoding.ASCII.GetString(SsdpSearch.Request(SsdpSearch.Targets[0], SsdpSearch.Group)));

    [Fact]
    public void A_search_response_says_where_the_description_is()
    {
        Assert.True(SsdpSearch.TryParseResponse(SsdpAnswer("http://192.168.1.1:5000/desc.xml"), out var location));
        Assert.Equal(Address("http://192.168.1.1:5000/desc.xml"), location);
    }

    [Theory]
    [InlineData("http://router.example/desc.xml")] // a name
    [InlineData("https://192.168.1.1/desc.xml")]
    [InlineData("http://user@192.168.1.1/desc.xml")]
    [InlineData("http://192.168.1.1:99999/desc.xml")]
    [InlineData("http://239.255.255.250/desc.xml")]
    [InlineData("file:///etc/passwd")]
    public void A_location_that_is_no_address_of_a_host_is_refused(string location) =>
        Assert.False(SsdpSearch.TryParseResponse(SsdpAnswer(location), out _));

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nLOCATION: http://192.168.1.1/\r\n\r\n")]
    [InlineData("NOTIFY * HTTP/1.1\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nLOCATION: http://192.168.1.1/\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:MediaServer:1\r\nLOCATION: http://192.168.1.1/\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n")]
    public void What_is_no_router_is_passed_over(string text) => Assert.False(SsdpSearch.TryParseResponse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("/ctl", "http://192.168.1.1:5000/ctl")]
    [InlineData("ctl", "http://192.168.1.1:5000/root/ctl")]
    [InlineData("http://192.168.1.1:81/c", "http://192.168.1.1:81/c")]
    public void Control_urls_are_resolved_against_the_location(string text, string expected)
    {
        Assert.True(Location.TryResolve(text, out var address));
        Assert.Equal(Address(expected), address);
    }

    [Theory, InlineData(""), InlineData("/a b"), InlineData("/a\r\nHost: x"), InlineData("gopher://192.168.1.1/")]
    public void A_path_that_would_break_the_request_is_refused(string text) => Assert.False(Location.TryResolve(text, out _));

    [Fact]
    public void Services_are_found_in_nested_devices_the_best_first()
    {
        var services = DeviceDescription.Parse(Encoding.UTF8.GetBytes(Description), Location);

        Assert.Equal(
            [(ServiceType.Ip1, Address("http://192.168.1.1:5000/ctl/IPConn?a=1&b=2")), (ServiceType.Ppp1, Address("http://192.168.1.1:5000/ctl/PPP"))],
            services);
    }

    [Fact] // UPnP Device Architecture 1.0 §2.1
    public void A_stated_base_is_used() => Assert.Equal(
        Address("http://192.168.1.1:80/ctl/PPP"),
        DeviceDescription.Parse(Encoding.UTF8.GetBytes(Description.Replace("<device>", "<URLBase>http://192.168.1.1/</URLBase><device>")), Location)[1].Control);

    [Fact]
    public void A_document_type_ends_the_reading() => Assert.Empty(DeviceDescription.Parse(
        Encoding.UTF8.GetBytes(Description.Replace("<root", "<!DOCTYPE r [<!ENTITY a \"aaaa\">]><root")), Location));

    [Fact]
    public void A_document_cannot_name_many_services()
    {
        var service = "<service><serviceType>" + ServiceType.Ip1 + "</serviceType><controlURL>/c</controlURL></service>";
        var document = "<root>" + string.Concat(Enumerable.Repeat(service, 300)) + "</root>";

        Assert.Equal(8, DeviceDescription.Parse(Encoding.UTF8.GetBytes(document), Location).Count);
    }

    [Theory]
    [InlineData("a &amp; b &lt;&gt;&quot;&apos;", "a & b <>\"'")]
    [InlineData("&#65;&#x42;", "AB")]
    [InlineData("&a; && &#1114112; &#xD800; &", "&a; && &#1114112; &#xD800; &")]
    public void Predefined_entities_and_character_references_are_decoded_and_no_others(string text, string expected) =>
        Assert.Equal(expected, XmlScanner.Decode(text));

    [Fact]
    public void The_scanner_reads_names_text_and_character_data()
    {
        var scanner = new XmlScanner("<?xml v?><!-- <x> --><s:a q='>' r=\"</s:a>\"><![CDATA[<b>]]>t<c/></s:a>");

        Assert.Equal((XmlToken.Start, "a", false), (scanner.Read(), scanner.Name.ToString(), scanner.IsEmptyElement));
        Assert.Equal((XmlToken.Text, "<b>"), (scanner.Read(), scanner.Text.ToString()));
        Assert.Equal((XmlToken.Text, "t"), (scanner.Read(), scanner.Text.ToString()));
        Assert.Equal((XmlToken.Start, "c", true), (scanner.Read(), scanner.Name.ToString(), scanner.IsEmptyElement));
        Assert.Equal((XmlToken.End, "a"), (scanner.Read(), scanner.Name.ToString()));
        Assert.Equal(XmlToken.None, scanner.Read());
    }

    [Fact] // WANIPConnection:1 §2.4.16: arguments in this order
    public void A_mapping_is_asked_for_with_all_arguments_in_order()
    {
        var body = SoapRequest.Add(
            ServiceType.Ip1, SoapAction.AddPortMapping, MappedTransport.Udp, 6001, 6000, NetworkAddress.FromIpv4(0xC0A8010A, 0), "a<b", 7200);

        Assert.Contains(
            "<u:AddPortMapping xmlns:u=\"urn:schemas-upnp-org:service:WANIPConnection:1\"><NewRemoteHost></NewRemoteHost><NewExternalPort>6001</NewExternalPort>"
            + "<NewProtocol>UDP</NewProtocol><NewInternalPort>6000</NewInternalPort><NewInternalClient>192.168.1.10</NewInternalClient><NewEnabled>1</NewEnabled>"
            + "<NewPortMappingDescription>a&lt;b</NewPortMappingDescription><NewLeaseDuration>7200</NewLeaseDuration></u:AddPortMapping>",
            body);
        Assert.Equal("\"urn:schemas-upnp-org:service:WANIPConnection:1#AddPortMapping\"", SoapAction.Header(ServiceType.Ip1, SoapAction.AddPortMapping));
    }

    [Fact] // UPnP Device Architecture 1.1 §3.2.5
    public void An_error_code_is_found_in_a_fault()
    {
        const string Fault = "<s:Envelope xmlns:s=\"e\"><s:Body><s:Fault><faultcode>s:Client</faultcode><detail><UPnPError xmlns=\"urn\">"
            + "<errorCode>718</errorCode><errorDescription>ConflictInMappingEntry</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>";

        Assert.Equal(UpnpError.ConflictInMappingEntry, SoapResponse.Parse(500, Encoding.UTF8.GetBytes(Fault)).Error);
    }

    [Fact]
    public void An_answer_without_a_code_or_none_at_all_is_an_unspecified_failure()
    {
        Assert.Equal(UpnpError.Unspecified, SoapResponse.Parse(500, "oops"u8).Error);
        Assert.Equal(UpnpError.Unspecified, SoapResponse.Parse(0, []).Error);
        Assert.Null(SoapResponse.Parse(200, "<a></a>"u8).Value("b"));
        Assert.Equal("", SoapResponse.Parse(200, "<a></a>"u8).Value("a"));
        Assert.Equal(0, SoapResponse.Parse(200, "<a>70000</a>"u8).Port("a"));
    }

    internal static byte[] SsdpAnswer(string location) => Encoding.ASCII.GetBytes(
        "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nst: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n"
        + $"USN: uuid:1::urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nEXT:\r\nLocation:{location}\r\n\r\n");

    private static HttpAddress Address(string text)
    {
        Assert.True(HttpAddress.TryParse(text, out var address));
        return address;
    }

    internal const string Description = """
        <?xml version="1.0"?>
        <root xmlns="urn:schemas-upnp-org:device-1-0"><device>
        <deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>
        <serviceList><service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType><controlURL>/l3</controlURL></service></serviceList>
        <deviceList><device><deviceList><device><serviceList>
        <service><serviceType>urn:schemas-upnp-org:service:WANPPPConnection:1</serviceType><controlURL>/ctl/PPP</controlURL></service>
        <service>
          <controlURL> /ctl/IPConn?a=1&amp;b=2 </controlURL><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>
          <eventSubURL>/evt</eventSubURL>
        </service>
        </serviceList></device></deviceList></device></deviceList></device></root>
        """;
}
