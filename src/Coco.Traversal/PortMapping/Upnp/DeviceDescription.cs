using System.Text;

namespace Coco.Traversal.PortMapping.Upnp;

/// <summary>What a router's description document says of services that map ports (UPnP Device Architecture 1.1 §2.3).</summary>
internal static class DeviceDescription
{
    private const int MaxServices = 8;

    /// <summary>The services with their control URLs, the one to be preferred first. Empty for what is no description.</summary>
    public static IReadOnlyList<(string Type, HttpAddress Control)> Parse(ReadOnlySpan<byte> document, in HttpAddress location)
    {
        var found = new List<(string Type, string Control)>();
        var root = location;
        string? type = null, control = null;
        var scanner = new XmlScanner(Encoding.UTF8.GetString(document));
        ReadOnlySpan<char> name = [];
        XmlToken token;
        while ((token = scanner.Read()) != XmlToken.None && found.Count < MaxServices)
        {
            switch (token)
            {
                case XmlToken.Start:
                    name = scanner.Name;
                    if (name is "service") { (type, control) = (null, null); }
                    break;
                case XmlToken.Text when name is "serviceType": type = XmlScanner.Decode(scanner.Text.Trim()); break;
                case XmlToken.Text when name is "controlURL": control = XmlScanner.Decode(scanner.Text.Trim()); break;
                case XmlToken.Text when name is "URLBase": // version 1.0 only; where it is wrong the location stands
                    if (HttpAddress.TryParse(XmlScanner.Decode(scanner.Text), out var stated)) { root = stated; }
                    break;
                case XmlToken.End:
                    if (scanner.Name is "service" && type is not null && control is not null && ServiceType.IsWanConnection(type)) { found.Add((type, control)); }
                    name = [];
                    break;
            }
        }
        return Resolve(found, root);
    }

    private static List<(string Type, HttpAddress Control)> Resolve(List<(string Type, string Control)> found, in HttpAddress root)
    {
        var services = new List<(string Type, HttpAddress Control)>();
        foreach (var known in ServiceType.Known)
        {
            foreach (var (type, control) in found)
            {
                if (type == known && root.TryResolve(control, out var address)) { services.Add((type, address)); }
            }
        }
        return services;
    }
}
