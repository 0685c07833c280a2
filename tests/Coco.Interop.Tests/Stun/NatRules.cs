namespace Coco.Interop.Tests.Stun;

/// <summary>Rule sets of real NATs, for a router whose devices are called <c>lan</c> and <c>wan</c>.</summary>
internal static class NatRules
{
    private const string Firewall =
        """
        table ip fw {
          chain forwarding { type filter hook forward priority filter; policy drop;
            ct state established,related accept
            iifname "lan" accept
            iifname "wan" ct status dnat accept
          }
          chain incoming { type filter hook input priority filter; policy drop;
            ct state established,related accept
            iifname != "wan" accept
          }
        }

        """;

    private const string Hairpin =
        """
            ip saddr 192.168.1.0/24 ip daddr 192.168.1.0/24 ct status dnat snat ip to ip saddr . udp sport map @out4
            ip saddr 192.168.1.0/24 ip daddr 192.168.1.0/24 ct status dnat snat ip to 203.0.113.1

        """;

    private const string HairpinIn = """iifname "lan" ip daddr 203.0.113.1 dnat ip to udp dport map @in4""";

    /// <summary>No NAT: the router is the host, with or without a firewall.</summary>
    public static string Of(string kind) => kind switch
    {
        "none" => "",
        "firewall" => Firewall,
        "masq" => Firewall + Nat("masquerade"),
        "sym" => Firewall + Nat("masquerade fully-random"),
        "full" => Firewall + Mapped("""iifname "wan" ip daddr 203.0.113.1 dnat ip to udp dport map @in4"""),
        "full hairpin" => Firewall + Mapped($"""iifname "wan" ip daddr 203.0.113.1 dnat ip to udp dport map @in4{'\n'}{HairpinIn}""", Hairpin),
        "addr" => Firewall + Mapped("""iifname "wan" ip daddr 203.0.113.1 udp dport . ip saddr @perm4 dnat ip to udp dport map @in4"""),
        "port" => Firewall + Mapped(""),
        "blocked" => "table ip fw {\n chain forwarding { type filter hook forward priority filter; policy accept;\n meta l4proto udp drop\n }\n}\n",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such NAT"),
    };

    private static string Nat(string how) =>
        $$"""
        table ip nat {
          chain post { type nat hook postrouting priority srcnat;
            oifname "wan" {{how}}
          }
        }

        """;

    // Two maps remember inner to outer and back, so that the mapping is endpoint-independent and its port random. `learn` stands behind
    // srcnat: it sees every packet with its outer port. The rule that deletes keeps a port that is handed out again from leading to the
    // socket before.
    private static string Mapped(string filter, string hairpin = "") =>
        $$"""
        table ip nat {
          map in4  { type inet_service : ipv4_addr . inet_service; flags dynamic,timeout; timeout 120s; size 65535; }
          map out4 { type ipv4_addr . inet_service : ipv4_addr . inet_service; flags dynamic,timeout; timeout 120s; size 65535; }
          set perm4 { type inet_service . ipv4_addr; flags dynamic,timeout; timeout 120s; size 65535; }
          chain pre { type nat hook prerouting priority dstnat;
            {{filter}}
          }
          chain post { type nat hook postrouting priority srcnat;
        {{hairpin}}
            oifname "wan" snat ip to ip saddr . udp sport map @out4
            oifname "wan" meta l4proto udp masquerade fully-random
            oifname "wan" masquerade
          }
          chain learn { type filter hook postrouting priority srcnat + 1;
            oifname "wan" meta l4proto udp ct state new delete @in4 { udp sport : ct original ip saddr . ct original proto-src }
            oifname "wan" meta l4proto udp update @in4  { udp sport : ct original ip saddr . ct original proto-src }
            oifname "wan" meta l4proto udp update @out4 { ct original ip saddr . ct original proto-src : ip saddr . udp sport }
            oifname "wan" meta l4proto udp update @perm4 { udp sport . ip daddr }
          }
        }

        """;
}
