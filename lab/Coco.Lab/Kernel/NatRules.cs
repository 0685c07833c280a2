using System.Net;
using Coco.Lab.Nat;

namespace Coco.Lab.Kernel;

/// <summary>
/// The nftables rules of a router, by kind. Its outer device is called wan, its inner one lan.
/// <para>
/// Linux's own masquerading keeps ports and filters by address and port. For the other kinds two maps remember, for UDP, which inner
/// endpoint has which outer port and the reverse; <c>learn</c> sits behind source NAT, sees every packet with its final port, and keeps
/// them up to date. All IPv4 rules are replaced together, which is also how a router forgets.
/// </para>
/// </summary>
internal static class NatRules
{
    public static bool Translates(NatKind kind) => kind is not (NatKind.None or NatKind.Firewall);

    public static bool CanHairpin(NatKind kind) =>
        kind is NatKind.Open or NatKind.AddressRestricted or NatKind.PortRestricted or NatKind.PortPreserving;

    /// <param name="kind">What is made.</param>
    /// <param name="options">The rest of what the router is like.</param>
    /// <param name="outer">The router's address on wan.</param>
    /// <param name="inner">The network on lan, as address/length.</param>
    public static string Write(NatKind kind, HomeOptions options, IPAddress outer, string inner)
    {
        var firewall = kind is NatKind.None ? "" : Firewall(options);
        var nat = Translates(kind) ? Nat(kind, options, outer, inner) : "";
        return $"table ip fw\ndelete table ip fw\ntable ip nat\ndelete table ip nat\n{firewall}{nat}";
    }

    public static string WriteIpv6(Ipv6Access access)
    {
        if (access is not (Ipv6Access.Firewalled or Ipv6Access.FirewalledEndpointIndependent)) { return ""; }

        var independent = access is Ipv6Access.FirewalledEndpointIndependent;
        return $$"""
            table ip6 fw {
              set open6 { type ipv6_addr . inet_service; flags dynamic,timeout; timeout 120s; size 65535; }
              chain forwarding { type filter hook forward priority filter; policy drop;
                {{(independent ? "iifname \"lan\" oifname \"wan\" meta l4proto udp update @open6 { ip6 saddr . udp sport }" : "")}}
                ct state established,related accept
                iifname "lan" accept
                icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request } accept
                {{(independent ? "iifname \"wan\" ip6 daddr . udp dport @open6 accept" : "")}}
              }
              chain incoming { type filter hook input priority filter; policy drop;
                ct state established,related accept
                iifname != "wan" accept
                icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert, echo-request, packet-too-big } accept
              }
            }

            """;
    }

    // "related" are ICMP errors: without them path MTU discovery dies. Unsolicited packets must not be taken by the router itself: their
    // flow would occupy the port that the inner host's own packets to that peer need.
    private static string Firewall(HomeOptions options) => $$"""
        table ip fw {
          chain forwarding { type filter hook forward priority filter; policy drop;
            ct state established,related accept
            iifname "lan" accept
            iifname "wan" ct status dnat accept
          }
          chain incoming { type filter hook input priority filter; policy {{(options.AcceptsUnsolicited ? "accept" : "drop")}};
            ct state established,related accept
            iifname != "wan" accept
            icmp type echo-request accept
          }
        }

        """;

    private static string Nat(NatKind kind, HomeOptions options, IPAddress outer, string inner)
    {
        var mapped = kind is NatKind.Open or NatKind.AddressRestricted or NatKind.PortRestricted || options.Hairpin;
        return $$"""
            table ip nat {
              {{(mapped ? Maps(options.UdpStreamTimeout) : "")}}
              chain pre { type nat hook prerouting priority dstnat;
                {{Inbound(kind, outer)}}
                {{(options.Hairpin ? $"iifname \"lan\" ip daddr {outer} dnat ip to udp dport map @in4" : "")}}
              }
              chain post { type nat hook postrouting priority srcnat;
                {{(options.Hairpin ? HairpinSource(outer, inner) : "")}}
                {{Source(kind)}}
              }
              {{(mapped ? Learning : "")}}
            }

            """;
    }

    private static string Maps(TimeSpan lifetime) => $$"""
        map in4 { type inet_service : ipv4_addr . inet_service; flags dynamic,timeout; timeout {{(int)lifetime.TotalSeconds}}s; size 65535; }
          map out4 { type ipv4_addr . inet_service : ipv4_addr . inet_service; flags dynamic,timeout; timeout {{(int)lifetime.TotalSeconds}}s; size 65535; }
          set perm4 { type inet_service . ipv4_addr; flags dynamic,timeout; timeout {{(int)lifetime.TotalSeconds}}s; size 65535; }
        """;

    // `update` only refreshes the time of an element that is there, so a new flow's port is deleted first: it may have been another's.
    private const string Learning = """
        chain learn { type filter hook postrouting priority srcnat + 1;
            oifname "wan" meta l4proto udp ct state new delete @in4 { udp sport : ct original ip saddr . ct original proto-src }
            oifname "wan" meta l4proto udp update @in4 { udp sport : ct original ip saddr . ct original proto-src }
            oifname "wan" meta l4proto udp update @out4 { ct original ip saddr . ct original proto-src : ip saddr . udp sport }
            oifname "wan" meta l4proto udp update @perm4 { udp sport . ip daddr }
          }
        """;

    // A lookup that finds nothing ends its rule, and what nobody translates is dropped.
    private static string Inbound(NatKind kind, IPAddress outer) => kind switch
    {
        NatKind.Open => $"iifname \"wan\" ip daddr {outer} dnat ip to udp dport map @in4",
        NatKind.AddressRestricted => $"iifname \"wan\" ip daddr {outer} udp dport . ip saddr @perm4 dnat ip to udp dport map @in4",
        _ => "",
    };

    private static string Source(NatKind kind) => kind switch
    {
        NatKind.Open or NatKind.AddressRestricted or NatKind.PortRestricted => """
            oifname "wan" snat ip to ip saddr . udp sport map @out4
                oifname "wan" meta l4proto udp masquerade fully-random
                oifname "wan" masquerade
            """,
        NatKind.Symmetric => "oifname \"wan\" masquerade fully-random",
        _ => "oifname \"wan\" masquerade",
    };

    private static string HairpinSource(IPAddress outer, string inner) => $"""
        ip saddr {inner} ip daddr {inner} ct status dnat snat ip to ip saddr . udp sport map @out4
            ip saddr {inner} ip daddr {inner} ct status dnat snat ip to {outer}
        """;
}
