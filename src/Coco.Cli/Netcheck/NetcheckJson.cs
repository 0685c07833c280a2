using System.Text;
using System.Text.Json;
using Coco.Transport.Netcheck;
using Coco.Traversal.Stun;

namespace Coco.Cli.Netcheck;

/// <summary>A report for programs. Scripts depend on the names: members are added, never renamed or given another meaning.</summary>
internal static class NetcheckJson
{
    public static void Write(NetworkCheckReport report, TextWriter output)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            json.WriteBoolean("works", report.Works);
            json.WriteNumber("durationMs", Math.Round(report.Duration.TotalMilliseconds));
            WriteAddresses(json, report);
            WriteFamily(json, "ipv4", report.Ipv4);
            WriteFamily(json, "ipv6", report.Ipv6);
            WritePortMapping(json, report.PortMapping);
            WriteArray(json, "relays", report.Relays, WriteRelay);
            WriteArray(json, "findings", report.Findings, WriteFinding);
            json.WriteEndObject();
        }
        output.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static void WriteAddresses(Utf8JsonWriter json, NetworkCheckReport report)
    {
        WriteArray(json, "interfaces", report.Interfaces, static (json, one) =>
        {
            json.WriteStartObject();
            json.WriteString("name", one.InterfaceName);
            json.WriteString("address", one.Address.HostText);
            json.WriteNumber("prefixLength", one.PrefixLength);
            json.WriteBoolean("defaultRoute", one.HasDefaultRoute);
            json.WriteNumber("mtu", one.Mtu);
            json.WriteEndObject();
        });
        WriteArray(json, "defaultRouters", report.DefaultRouters, static (json, router) => json.WriteStringValue(router.ToString()));
    }

    private static void WriteFamily(Utf8JsonWriter json, string name, NatReport? report)
    {
        if (report is null)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        json.WriteString("mapping", KebabCase($"{report.Mapping}"));
        json.WriteString("filtering", KebabCase($"{report.Filtering}"));
        json.WriteString("hairpin", KebabCase($"{report.Hairpin}"));
        WriteNullable(json, "preservesPorts", report.PreservesPorts);
        json.WriteString("mappedAddress", report.MappedAddress?.ToString());
        json.WriteBoolean("udpBlocked", report.IsUdpBlocked);
        json.WriteBoolean("complete", report.IsComplete);
        WriteArray(json, "observers", report.MappedAddresses, (json, one) =>
        {
            json.WriteStartObject();
            json.WriteString("observer", one.Observer.ToString());
            json.WriteString("mapped", one.Mapped.ToString());
            json.WriteBoolean("suspicious", one.IsSuspicious);
            json.WriteBoolean("disagrees", one.Mapped != report.MappedAddress);
            json.WriteEndObject();
        });
        WriteArray(json, "evidence", report.Evidence, static (json, one) =>
        {
            json.WriteStartObject();
            json.WriteString("kind", KebabCase($"{one.Kind}"));
            json.WriteString("observer", one.Observer.ToString());
            json.WriteString("sentence", one.ToString());
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void WritePortMapping(Utf8JsonWriter json, PortMappingCheck? check)
    {
        if (check is null)
        {
            json.WriteNull("portMapping");
            return;
        }
        json.WriteStartObject("portMapping");
        json.WriteBoolean("removed", check.IsRemoved);
        WriteArray(json, "mappings", check.Mappings, static (json, port) =>
        {
            json.WriteStartObject();
            json.WriteString("protocol", port.Protocol);
            json.WriteString("router", port.Router.ToString());
            json.WriteString("external", port.External.ToString());
            json.WriteBoolean("suspicious", port.IsSuspicious);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void WriteRelay(Utf8JsonWriter json, RelayCheck check)
    {
        json.WriteStartObject();
        json.WriteString("id", check.Relay.Id.ToString());
        json.WriteBoolean("reached", check.Best is not null);
        json.WriteString("transport", check.Best is { } best ? KebabCase($"{best.Transport}") : null);
        WriteMilliseconds(json, check.Best?.Latency);
        foreach (var transport in Enum.GetValues<RelayTransport>()) { WriteNullable(json, KebabCase($"{transport}"), check.IsReachedBy(transport)); }
        WriteArray(json, "attempts", check.Attempts, static (json, attempt) =>
        {
            json.WriteStartObject();
            json.WriteString("transport", KebabCase($"{attempt.Transport}"));
            json.WriteString("target", attempt.Target);
            json.WriteBoolean("reached", attempt.IsReached);
            WriteMilliseconds(json, attempt.Latency);
            json.WriteString("failure", attempt.Failure);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void WriteFinding(Utf8JsonWriter json, NetworkFinding finding)
    {
        json.WriteStartObject();
        json.WriteString("code", KebabCase($"{finding.Code}"));
        json.WriteBoolean("good", finding.IsGood);
        json.WriteString("sentence", finding.Sentence);
        json.WriteEndObject();
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items) { write(json, item); }
        json.WriteEndArray();
    }

    private static void WriteNullable(Utf8JsonWriter json, string name, bool? value)
    {
        if (value is { } known) { json.WriteBoolean(name, known); }
        else { json.WriteNull(name); }
    }

    private static void WriteMilliseconds(Utf8JsonWriter json, TimeSpan? latency)
    {
        if (latency is { } known) { json.WriteNumber("latencyMs", Math.Round(known.TotalMilliseconds, 3)); }
        else { json.WriteNull("latencyMs"); }
    }

    // "EndpointIndependent" is "endpoint-independent", as RFC 4787 writes it; "WebSocket" is one word.
    private static string KebabCase(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name.Replace("WebSocket", "Websocket", StringComparison.Ordinal));
}
