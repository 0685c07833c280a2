using System.Text;

namespace Coco.Traversal.PortMapping.Upnp;

/// <summary>Bodies of control requests (UPnP Device Architecture 1.1 §3.2.1); arguments stand in the order of the service's description.</summary>
internal static class SoapRequest
{
    public static string GetExternalIPAddress(string serviceType) => Envelope(serviceType, SoapAction.GetExternalIPAddress);

    public static string GetSpecificPortMappingEntry(string serviceType, MappedTransport transport, int externalPort) => Envelope(
        serviceType, SoapAction.GetSpecificPortMappingEntry, ("NewRemoteHost", ""), ("NewExternalPort", $"{externalPort}"), ("NewProtocol", NameOf(transport)));

    /// <summary>AddPortMapping or AddAnyPortMapping, whose arguments are the same.</summary>
    public static string Add(
        string serviceType, string action, MappedTransport transport, int externalPort, int internalPort, in NetworkAddress client, string description, uint lease) =>
        Envelope(
            serviceType, action,
            ("NewRemoteHost", ""), ("NewExternalPort", $"{externalPort}"), ("NewProtocol", NameOf(transport)),
            ("NewInternalPort", $"{internalPort}"), ("NewInternalClient", client.HostText), ("NewEnabled", "1"),
            ("NewPortMappingDescription", Escape(description)), ("NewLeaseDuration", $"{lease}"));

    public static string DeletePortMapping(string serviceType, MappedTransport transport, int externalPort) => Envelope(
        serviceType, SoapAction.DeletePortMapping, ("NewRemoteHost", ""), ("NewExternalPort", $"{externalPort}"), ("NewProtocol", NameOf(transport)));

    private static string Envelope(string serviceType, string action, params ReadOnlySpan<(string Name, string Value)> arguments)
    {
        var body = new StringBuilder(1024);
        body.Append("<?xml version=\"1.0\"?>\r\n<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" ");
        body.Append("s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>");
        body.Append("<u:").Append(action).Append(" xmlns:u=\"").Append(serviceType).Append("\">");
        foreach (var (name, value) in arguments) { body.Append('<').Append(name).Append('>').Append(value).Append("</").Append(name).Append('>'); }
        body.Append("</u:").Append(action).Append("></s:Body></s:Envelope>\r\n");
        return body.ToString();
    }

    private static string NameOf(MappedTransport transport) => transport is MappedTransport.Udp ? "UDP" : "TCP";

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
