using System.Net;
using System.Text;

namespace Coco.Lab.Kernel;

/// <summary>The table that makes <see cref="Obstacles"/>. It stands before the firewall, so it also ends flows that run.</summary>
internal static class ObstacleRules
{
    private static readonly (Obstacles Obstacle, string Rule)[] Forwarding =
    [
        (Obstacles.Ipv4, "meta nfproto ipv4 drop"),
        (Obstacles.TooBigMessages, "icmp type destination-unreachable icmp code frag-needed drop\nicmpv6 type packet-too-big drop"),
        (Obstacles.Udp, "meta l4proto udp drop"),
        (Obstacles.UdpRejected, "meta l4proto udp reject with icmpx type admin-prohibited"),
        (Obstacles.UdpOut, "oifname \"wan\" meta l4proto udp drop"),
        (Obstacles.UdpIn, "iifname \"wan\" meta l4proto udp drop"),
        // The two highest bits of the first byte behind the UDP header.
        (Obstacles.QuicLooking, "meta l4proto udp @th,64,2 != 0 drop"),
        (Obstacles.AllButTcp443, """
            iifname "wan" meta l4proto udp drop
            iifname "lan" oifname "wan" tcp dport 443 accept
            iifname "lan" oifname "wan" meta l4proto tcp reject with tcp reset
            iifname "lan" oifname "wan" drop
            """),
    ];

    public static string Write(Obstacles obstacles)
    {
        // In one transaction, so that no packet meets half of it. The first line makes a table to delete where there is none.
        var text = new StringBuilder("table inet obstacles\ndelete table inet obstacles\n");
        if (obstacles is Obstacles.None) { return text.ToString(); }

        text.Append("table inet obstacles {\nchain forwarding { type filter hook forward priority filter - 10; policy accept;\n");
        foreach (var (obstacle, rule) in Forwarding)
        {
            if (obstacles.HasFlag(obstacle)) { text.Append(rule).Append('\n'); }
        }

        text.Append("}\n");
        if (obstacles.HasFlag(Obstacles.TooBigMessages))
        {
            // What the router itself has to complain about does not pass `forwarding`.
            text.Append("chain outgoing { type filter hook output priority filter - 10; policy accept;\n");
            text.Append($"{RuleOf(Obstacles.TooBigMessages)}\n}}\n");
        }

        return text.Append("}\n").ToString();
    }

    public static string WriteSevered(IEnumerable<(IPAddress From, IPAddress To)> pairs)
    {
        var rules = string.Concat(pairs.Select(pair => Lease.IsIpv6(pair.From)
            ? $"ip6 saddr {pair.From} ip6 daddr {pair.To} drop\n"
            : $"ip saddr {pair.From} ip daddr {pair.To} drop\n"));
        return $$"""
            table inet severed
            delete table inet severed
            table inet severed {
            chain forwarding { type filter hook forward priority filter - 20; policy accept;
            {{rules}}
            }
            }
            """;
    }

    private static string RuleOf(Obstacles obstacle) => Forwarding.First(entry => entry.Obstacle == obstacle).Rule;
}
