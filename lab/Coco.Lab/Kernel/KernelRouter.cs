using System.Net;
using Coco.Lab.Nat;

namespace Coco.Lab.Kernel;

/// <summary>A router with a network behind it: a home's, or a carrier's whose "hosts" are the routers of homes.</summary>
public sealed class KernelRouter : IAccessNetwork
{
    private readonly KernelInternet _internet;
    private readonly HomeOptions _options;
    private readonly int _number;
    private readonly string _prefix;
    private int _hosts = 9;

    internal KernelRouter(KernelInternet internet, string name, NatKind kind, HomeOptions options, int number, string prefix)
    {
        if (options.Hairpin && !NatRules.CanHairpin(kind)) { throw new ArgumentException($"{kind} does not hairpin", nameof(options)); }
        if (options.Behind is not null && (!NatRules.Translates(kind) || options.Ipv6 is not Ipv6Access.Absent))
        {
            throw new ArgumentException("behind a carrier there are no public addresses", nameof(options));
        }

        (_internet, Name, Kind, _options, _number, _prefix) = (internet, name, kind, options, number, prefix);
        Obstacles = kind is NatKind.UdpBlocked ? options.Obstacles | Obstacles.Udp : options.Obstacles;
        Namespace = internet.CreateNamespace(HasIpv6, Settings(options));
        Line = AccessLine.Lay(internet, (IAccessNetwork?)options.Behind ?? internet, Namespace, "wan", LeaseFor(options), conditions: options.Line);
        internet.Do(SetUp);
    }

    public string Name { get; }

    public NatKind Kind { get; }

    public NetNamespace Namespace { get; }

    /// <summary>The line to the internet or the carrier.</summary>
    public AccessLine Line { get; }

    /// <summary>What everybody outside sees as this router's IPv4 address.</summary>
    public IPAddress OuterAddress => Line.Lease.Ipv4.First();

    public Obstacles Obstacles { get; private set; }

    private bool HasIpv6 => _options.Ipv6 is not Ipv6Access.Absent;

    private string InnerNetwork => $"{_prefix}.0/24";

    private string Ipv6Prefix => $"2001:db8:{_number:x}:";

    /// <summary>Adds a host with one interface, eth0.</summary>
    public KernelHost AddHost(string name) => _internet.AddHost(name, this);

    public void SetObstacles(Obstacles obstacles)
    {
        Obstacles = obstacles;
        _internet.Do(script => script.Rules(Namespace, ObstacleRules.Write(obstacles)));
    }

    /// <summary>Forgets all flows and mappings, as a router that lost power does.</summary>
    public void Reboot()
    {
        _internet.Do(script => script.Rules(Namespace, Ipv4Rules()));
        KernelSettings.ForgetFlows(Namespace);
    }

    /// <summary>Gets another outer IPv4 address, and forgets all mappings with the old one.</summary>
    public void ChangeOuterAddress()
    {
        if (!NatRules.Translates(Kind)) { throw new InvalidOperationException($"{Kind} has no outer address: its hosts have public ones"); }

        Line.Renew();
        Reboot();
    }

    public override string ToString() => $"{Name} ({Kind})";

    Lease IAccessNetwork.NextLease()
    {
        var number = ++_hosts;
        var addresses = new List<(IPAddress, int)>();
        if (_options.Ipv4)
        {
            // Without translation hosts have public addresses, one by one routed to this router.
            addresses.Add(NatRules.Translates(Kind) ? (IPAddress.Parse($"{_prefix}.{number}"), 24) : (_internet.NextPublicAddress(), 32));
        }

        if (HasIpv6) { addresses.Add((IPAddress.Parse($"{Ipv6Prefix}:{number:x}"), 64)); }

        return new(addresses, _options.Ipv4 ? IPAddress.Parse($"{_prefix}.1") : null, HasIpv6 ? IPAddress.Parse($"{Ipv6Prefix}:1") : null);
    }

    void IAccessNetwork.Connect(LabScript script, string port) => script.Ip(Namespace, $"link set dev {port} master lan up");

    void IAccessNetwork.Route(LabScript script, string port, Lease lease)
    {
        foreach (var address in NatRules.Translates(Kind) ? [] : lease.Ipv4)
        {
            script.Ip(Namespace, $"route replace {address}/32 dev lan");
            script.Ip(_internet.Namespace, $"route replace {address}/32 via {OuterAddress} dev {Line.Port}");
        }
    }

    private static IEnumerable<(string, int)> Settings(HomeOptions options) =>
    [
        ("net.ipv4.ip_forward", 1),
        ("net.ipv6.conf.all.forwarding", 1),
        // Where br_netfilter is built in, every namespace starts with these on, and frames between hosts of one home would meet the rules.
        ("net.bridge.bridge-nf-call-iptables", 0),
        ("net.bridge.bridge-nf-call-ip6tables", 0),
        ("net.bridge.bridge-nf-call-arptables", 0),
        ("net.netfilter.nf_conntrack_udp_timeout", (int)options.UdpTimeout.TotalSeconds),
        ("net.netfilter.nf_conntrack_udp_timeout_stream", (int)options.UdpStreamTimeout.TotalSeconds),
    ];

    private Lease LeaseFor(HomeOptions options)
    {
        var lease = ((IAccessNetwork?)options.Behind ?? _internet).NextLease();
        return HasIpv6 ? lease : lease with { Addresses = [.. lease.Addresses.Where(entry => !Lease.IsIpv6(entry.Address))], Ipv6Gateway = null };
    }

    private void SetUp(LabScript script)
    {
        script.Ip(Namespace, "link set dev lo up", "link add lan type bridge forward_delay 0 mcast_snooping 0", "link set dev lan up", $"ntable change name arp_cache dev lan retrans {AccessLine.AskAgainMs}");
        script.Ip(Namespace, $"addr add {_prefix}.1/24 dev lan");
        if (HasIpv6)
        {
            script.Ip(Namespace, $"addr add {Ipv6Prefix}:1/64 dev lan nodad");
            script.Ip(_internet.Namespace, $"route add {Ipv6Prefix}:/64 via {Line.Lease.Ipv6.First()} dev {Line.Port}");
        }

        script.Rules(Namespace, Ipv4Rules() + NatRules.WriteIpv6(_options.Ipv6));
        if (Obstacles is not Obstacles.None) { script.Rules(Namespace, ObstacleRules.Write(Obstacles)); }
    }

    private string Ipv4Rules() => NatRules.Write(Kind, _options, OuterAddress, InnerNetwork);
}
