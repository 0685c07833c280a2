using Coco.Traversal.Stun;

namespace Coco.Transport.Netcheck;

/// <summary>Puts into words what was measured.</summary>
internal static class NetworkFindings
{
    /// <summary>The report with what follows from it.</summary>
    public static NetworkCheckReport Complete(NetworkCheckReport report, bool isAnybodyAsked)
    {
        var hasAddress = report.Interfaces.Any(one => !one.Address.IsLinkLocal);
        var hasAnswer = report.Relays.Any(relay => relay.Best is not null) || report.Ipv4?.MappedAddress is not null || report.Ipv6?.MappedAddress is not null;
        var works = isAnybodyAsked ? hasAnswer : hasAddress;
        var findings = new List<NetworkFinding>();
        if (!hasAddress) { findings.Add(new(NetworkFindingCode.NoAddress, IsGood: false, "This host has no network address: it is not connected.")); }
        else if (!isAnybodyAsked)
        {
            findings.Add(new(
                NetworkFindingCode.NobodyAsked, IsGood: false,
                "Nobody outside was asked: name a relay or a STUN server to learn how the internet sees this host."));
        }
        else if (!works) { findings.Add(new(NetworkFindingCode.NothingWorks, IsGood: false, "None of those who were asked answered in any way.")); }

        AddFamily(findings, "IPv4", report.Ipv4);
        AddFamily(findings, "IPv6", report.Ipv6);
        AddPortMapping(findings, report.PortMapping);
        foreach (var relay in report.Relays) { findings.Add(OfRelay(relay)); }
        return report with { Works = works, Findings = findings };
    }

    private static void AddFamily(List<NetworkFinding> findings, string family, NatReport? report)
    {
        if (report is null) { return; }
        findings.Add(OfMapping(family, report));
        if (report.MappedAddress is null) { return; }
        findings.Add(OfFiltering(family, report));
        if (report.Hairpin is NatHairpin.Works)
        {
            findings.Add(new(NetworkFindingCode.Hairpins, IsGood: true, $"Hosts behind the same {family} NAT reach each other by their outer addresses (hairpin)."));
        }
        else if (report.Hairpin is NatHairpin.Fails)
        {
            findings.Add(new(
                NetworkFindingCode.NoHairpin, IsGood: false,
                $"Hosts behind the same {family} NAT do not reach each other by their outer addresses (no hairpin), only by their inner ones."));
        }
        foreach (var evidence in report.Evidence.Where(one => one.Kind is NatEvidenceKind.Disagrees or NatEvidenceKind.Suspicious))
        {
            // With a hard NAT everybody sees something else, and nobody is wrong.
            if (evidence.Kind is NatEvidenceKind.Disagrees && IsHard(report.Mapping)) { continue; }
            findings.Add(new(NetworkFindingCode.ObserversDisagree, IsGood: false, $"Observers contradict each other: {evidence}."));
        }
    }

    private static NetworkFinding OfMapping(string family, NatReport report)
    {
        var ports = report.PreservesPorts switch { true => ", and keeps ports", false => ", and changes ports", null => "" };
        return report switch
        {
            { IsUdpBlocked: true } => new(
                NetworkFindingCode.UdpBlocked, IsGood: false,
                $"UDP does not get through over {family}: connections can go by TCP or WebSocket only."),
            { MappedAddress: null } => new(NetworkFindingCode.NatUnknown, IsGood: false, $"Nobody who was asked gave a usable answer over {family}."),
            { Mapping: NatMapping.None } => new(
                NetworkFindingCode.PublicAddress, IsGood: true,
                $"Peers can reach this host directly over {family}: others see its own address {report.MappedAddress}, there is no NAT."),
            { Mapping: NatMapping.EndpointIndependent } => new(
                NetworkFindingCode.PunchableNat, IsGood: true,
                $"Peers can reach this host directly over {family} by hole punching: its NAT shows all of them one address, {report.MappedAddress}"
                + $" (endpoint-independent mapping){ports}."),
            { Mapping: var mapping } when IsHard(mapping) => new(
                NetworkFindingCode.HardNat, IsGood: false,
                $"Peers can reach this host directly over {family} only if their own NAT is easy, else through a relay: its NAT shows each of them"
                + $" another address ({NameOf(mapping)} mapping, \"symmetric\"){ports}."),
            _ => new(
                NetworkFindingCode.NatUnknown, IsGood: false,
                $"This host is behind a NAT over {family} and seen as {report.MappedAddress}, but one observer alone cannot tell whether others see the same:"
                + " name a second one."),
        };
    }

    private static NetworkFinding OfFiltering(string family, NatReport report) => report.Filtering switch
    {
        NatFiltering.EndpointIndependent => new(
            NetworkFindingCode.OpenToStrangers, IsGood: true, $"Packets of strangers get in over {family} (endpoint-independent filtering)."),
        NatFiltering.AddressDependent => new(
            NetworkFindingCode.ClosedToStrangers, IsGood: false,
            $"Over {family} only packets of hosts that were sent to get in (address-dependent filtering); hole punching deals with that."),
        NatFiltering.AddressAndPortDependent => new(
            NetworkFindingCode.ClosedToStrangers, IsGood: false,
            $"Over {family} only packets of hosts and ports that were sent to get in (address-and-port-dependent filtering); hole punching deals with that."),
        _ => new(
            NetworkFindingCode.FilteringUnknown, IsGood: false,
            $"Whether a firewall keeps strangers out over {family} is not known: none of those asked could answer from a second address (RFC 5780)."),
    };

    private static void AddPortMapping(List<NetworkFinding> findings, PortMappingCheck? check)
    {
        if (check is null) { return; }
        foreach (var port in check.Mappings)
        {
            findings.Add(port.IsSuspicious
                ? new(
                    NetworkFindingCode.PortsMappedInVain, IsGood: false,
                    $"The router {port.Router} opens ports by {port.Protocol}, but at {port.External.Address}, where the internet does not see this host:"
                    + " there is another NAT behind it.")
                : new(
                    NetworkFindingCode.PortsMapped, IsGood: true,
                    $"The router {port.Router} opens ports on request ({port.Protocol}): peers can reach this host directly at {port.External.Address}."));
        }
        if (check.Mappings.Count == 0)
        {
            findings.Add(new(NetworkFindingCode.PortsNotMapped, IsGood: false, "No router opens ports on request (PCP, NAT-PMP and UPnP were tried)."));
        }
        if (!check.IsRemoved)
        {
            findings.Add(new(
                NetworkFindingCode.MappingLeft, IsGood: false, "The router did not confirm in time that the port is closed again; it closes by itself within two hours."));
        }
    }

    private static NetworkFinding OfRelay(RelayCheck check)
    {
        if (check.Best is not { } best)
        {
            var reasons = string.Join("; ", check.Attempts.Select(attempt => $"{NameOf(attempt.Transport)} {attempt.Target}: {attempt.Failure}"));
            return new(NetworkFindingCode.RelayNotReached, IsGood: false, $"Relay {Short(check)} is not reached ({reasons}).");
        }
        var latency = $"{best.Latency!.Value.TotalMilliseconds:F1} ms away";
        if (best.Transport is RelayTransport.Udp) { return new(NetworkFindingCode.RelayByUdp, IsGood: true, $"Relay {Short(check)} is reached by UDP, {latency}."); }
        return new(
            NetworkFindingCode.RelayWithoutUdp, IsGood: true, $"Relay {Short(check)} is reached by {NameOf(best.Transport)}, {latency}, but not by UDP.");
    }

    private static bool IsHard(NatMapping mapping) => mapping is NatMapping.AddressDependent or NatMapping.AddressAndPortDependent;

    private static string NameOf(NatMapping mapping) => mapping is NatMapping.AddressDependent ? "address-dependent" : "address-and-port-dependent";

    private static string NameOf(RelayTransport transport) => transport switch
    {
        RelayTransport.Udp => "UDP",
        RelayTransport.Tcp => "TCP",
        _ => "WebSocket",
    };

    private static string Short(RelayCheck check) => $"{check.Relay.Id.ToString()[..8]}…";
}
