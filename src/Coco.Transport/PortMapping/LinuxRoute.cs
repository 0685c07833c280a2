using System.Buffers.Binary;
using System.Globalization;
using Coco.Traversal;

namespace Coco.Transport.PortMapping;

/// <summary>A default route as Linux lists it in <c>/proc/net/route</c> and <c>/proc/net/ipv6_route</c> (proc(5)).</summary>
/// <param name="InterfaceName">Where it leaves.</param>
/// <param name="Gateway">The router, port 0 and without a zone.</param>
/// <param name="Metric">Lower is preferred.</param>
internal readonly record struct LinuxRoute(string InterfaceName, NetworkAddress Gateway, uint Metric)
{
    // <linux/route.h>: the route is usable, and leads to a router.
    private const uint UpAndGateway = 0x1 | 0x2;

    // Chosen: lines looked at; the default routes of a machine with a full routing table stand first.
    private const int MaxLines = 4096;

    /// <summary>Reads <c>/proc/net/route</c>: name, destination, gateway, flags, references, use, metric, mask … with addresses as
    /// little-endian numbers on little-endian machines.</summary>
    public static IReadOnlyList<LinuxRoute> ParseIpv4(string text)
    {
        var routes = new List<LinuxRoute>();
        foreach (var line in text.Split('\n').Skip(1).Take(MaxLines))
        {
            var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 8 || fields[1] != "00000000" || fields[7] != "00000000") { continue; }
            if (!TryHex(fields[2], out var gateway) || !TryHex(fields[3], out var flags) || (flags & UpAndGateway) != UpAndGateway) { continue; }
            if (!uint.TryParse(fields[6], NumberStyles.None, CultureInfo.InvariantCulture, out var metric)) { continue; }
            if (BitConverter.IsLittleEndian) { gateway = BinaryPrimitives.ReverseEndianness(gateway); }
            routes.Add(new(fields[0], NetworkAddress.FromIpv4(gateway, 0), metric));
        }
        return [.. routes.OrderBy(route => route.Metric)];
    }

    /// <summary>Reads <c>/proc/net/ipv6_route</c>: destination, length, source, length, next hop, metric, references, use, flags, name.</summary>
    public static IReadOnlyList<LinuxRoute> ParseIpv6(string text)
    {
        var routes = new List<LinuxRoute>();
        Span<byte> hop = stackalloc byte[16];
        foreach (var line in text.Split('\n').Take(MaxLines))
        {
            var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 10 || fields[0].AsSpan().ContainsAnyExcept('0') || fields[1] != "00") { continue; }
            if (!TryHex(fields[5], out var metric) || !TryHex(fields[8], out var flags) || (flags & UpAndGateway) != UpAndGateway) { continue; }
            if (Convert.FromHexString(fields[4], hop, out _, out var written) is not System.Buffers.OperationStatus.Done || written != 16) { continue; }
            routes.Add(new(fields[9], NetworkAddress.FromIpv6(hop, 0), metric));
        }
        return [.. routes.OrderBy(route => route.Metric)];
    }

    private static bool TryHex(string text, out uint value) =>
        uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
