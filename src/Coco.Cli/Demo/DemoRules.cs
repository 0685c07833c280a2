namespace Coco.Cli.Demo;

/// <summary>The nftables rules of the demo's two routers. Their outer device is called wan.</summary>
internal static class DemoRules
{
    /// <summary>Lets in answers only. What nobody asked for must not reach the router itself either, whose flow would take the port that an inner
    /// host's packets to that peer need.</summary>
    public const string Firewall = """
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

    /// <summary>Another random port for each destination: address- and port-dependent mapping (RFC 4787 §4.1).</summary>
    public const string PortForEach = """
        table ip nat {
          chain post { type nat hook postrouting priority srcnat;
            oifname "wan" masquerade fully-random
          }
        }

        """;

    /// <summary>One random port for all destinations, open to addresses that were sent to: endpoint-independent mapping, address-dependent
    /// filtering (RFC 4787 §4.1, §5). Two maps remember which inner endpoint has which outer port.</summary>
    public static string OnePortForAll(string outer) => $$"""
        table ip nat {
          map in4 { type inet_service : ipv4_addr . inet_service; flags dynamic,timeout; timeout 120s; size 65535; }
          map out4 { type ipv4_addr . inet_service : ipv4_addr . inet_service; flags dynamic,timeout; timeout 120s; size 65535; }
          set perm4 { type inet_service . ipv4_addr; flags dynamic,timeout; timeout 120s; size 65535; }
          chain pre { type nat hook prerouting priority dstnat;
            iifname "wan" ip daddr {{outer}} udp dport . ip saddr @perm4 dnat ip to udp dport map @in4
          }
          chain post { type nat hook postrouting priority srcnat;
            oifname "wan" snat ip to ip saddr . udp sport map @out4
            oifname "wan" meta l4proto udp masquerade fully-random
            oifname "wan" masquerade
          }
          chain learn { type filter hook postrouting priority srcnat + 1;
            oifname "wan" meta l4proto udp ct state new delete @in4 { udp sport : ct original ip saddr . ct original proto-src }
            oifname "wan" meta l4proto udp update @in4 { udp sport : ct original ip saddr . ct original proto-src }
            oifname "wan" meta l4proto udp update @out4 { ct original ip saddr . ct original proto-src : ip saddr . udp sport }
            oifname "wan" meta l4proto udp update @perm4 { udp sport . ip daddr }
          }
        }

        """;

    /// <summary>Drops all between two addresses.</summary>
    public static string Cut(string one, string other) => $$"""
        table ip cut {
          chain c { type filter hook forward priority filter;
            ip saddr {{one}} ip daddr {{other}} drop
            ip saddr {{other}} ip daddr {{one}} drop
          }
        }

        """;
}
