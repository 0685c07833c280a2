using Coco.Transport.Netcheck;
using Coco.Traversal.Stun;

namespace Coco.Cli.Netcheck;

/// <summary>A report for people: what was found first, then what it rests on.</summary>
internal static class NetcheckText
{
    public static void Write(NetworkCheckReport report, TextWriter output)
    {
        foreach (var finding in report.Findings) { output.WriteLine($"  {(finding.IsGood ? "ok" : "--")}  {finding.Sentence}"); }
        Heading(output, "addresses");
        foreach (var one in report.Interfaces)
        {
            output.WriteLine($"  {one.InterfaceName,-12} {one.Address.HostText}/{one.PrefixLength}{(one.HasDefaultRoute ? "  default route" : "")}");
        }
        output.WriteLine($"  {"router",-12} {(report.DefaultRouters.Count > 0 ? string.Join(", ", report.DefaultRouters) : "none")}");
        WriteFamily(output, "seen from outside over IPv4", report.Ipv4);
        WriteFamily(output, "seen from outside over IPv6", report.Ipv6);
        WriteRelays(output, report.Relays);
        output.WriteLine();
        output.WriteLine($"checked in {report.Duration.TotalSeconds:F1} s");
    }

    private static void WriteFamily(TextWriter output, string heading, NatReport? report)
    {
        if (report is null) { return; }
        Heading(output, heading);
        foreach (var one in report.MappedAddresses)
        {
            output.WriteLine($"  {one.Mapped}, says {one.Observer}{(one.IsSuspicious ? ", which is not believed" : "")}");
        }
        foreach (var evidence in report.Evidence) { output.WriteLine($"  {evidence}"); }
    }

    private static void WriteRelays(TextWriter output, IReadOnlyList<RelayCheck> relays)
    {
        foreach (var relay in relays)
        {
            Heading(output, $"relay {relay.Relay.Id}");
            foreach (var attempt in relay.Attempts)
            {
                var result = attempt.IsReached ? $"{attempt.Latency!.Value.TotalMilliseconds:F1} ms" : attempt.Failure;
                output.WriteLine($"  {attempt.Transport,-12} {attempt.Target}: {result}");
            }
        }
    }

    private static void Heading(TextWriter output, string text)
    {
        output.WriteLine();
        output.WriteLine(text);
    }
}
