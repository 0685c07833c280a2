using System.Text;

namespace Coco.Traversal.PortMapping.Upnp;

/// <summary>Finds UPnP routers: M-SEARCH and its answers (UPnP Device Architecture 1.1 §1.3).</summary>
internal static class SsdpSearch
{
    /// <summary>239.255.255.250:1900.</summary>
    public static readonly NetworkAddress Group = NetworkAddress.FromIpv4(0xEFFF_FFFA, Port);

    public const int Port = 1900;

    private const int MaxResponse = 2048;

    /// <summary>What is looked for. A device of version 2 answers for version 1 too (§1.3.2), but not all do.</summary>
    public static readonly string[] Targets =
    [
        "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
        "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
    ];

    /// <summary>One search; MX is the most seconds a device may wait before it answers, and the least allowed.</summary>
    public static byte[] Request(string target, in NetworkAddress to) => Encoding.ASCII.GetBytes(
        $"M-SEARCH * HTTP/1.1\r\nHOST: {to}\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: {target}\r\n\r\n");

    /// <summary>Reads an answer of a router: where its description is.</summary>
    public static bool TryParseResponse(ReadOnlySpan<byte> datagram, out HttpAddress location)
    {
        location = default;
        if (datagram.Length > MaxResponse) { return false; }
        var text = Encoding.ASCII.GetString(datagram);
        if (!text.StartsWith("HTTP/1.1 200", StringComparison.OrdinalIgnoreCase) && !text.StartsWith("HTTP/1.0 200", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
        var isRouter = false;
        var isLocated = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon <= 0) { continue; }
            var name = line[..colon].Trim();
            var value = line[(colon + 1)..].Trim();
            if (name.Equals("ST", StringComparison.OrdinalIgnoreCase)) { isRouter = IsRouter(value); }
            else if (!isLocated && name.Equals("LOCATION", StringComparison.OrdinalIgnoreCase)) { isLocated = HttpAddress.TryParse(value, out location); }
        }
        return isRouter && isLocated;
    }

    private static bool IsRouter(ReadOnlySpan<char> target) =>
        target.StartsWith("urn:schemas-upnp-org:device:InternetGatewayDevice:", StringComparison.Ordinal) || ServiceType.IsWanConnection(target);
}
