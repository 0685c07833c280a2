using System.Globalization;
using System.Net;
using Coco.Lab.Nat;

namespace Coco.Lab.Kernel;

/// <summary>
/// A small internet on one machine: every host and router is a namespace of its own and packets cross the kernel's real NAT.
/// <code>
/// servers 198.51.100.N ──┐                                    ┌── host 192.168.N.10
///                     internet, a router ── home 203.0.113.N ─┤
///                        │                                    └── host 192.168.N.11
///                     carrier 203.0.113.N ── home 10.64.N.N ──── host 192.168.N.10
/// </code>
/// Parts are added first and stand together after <see cref="Start"/>, in about a second for fifty of them; what is added or
/// changed later happens at once. Not for use by several threads at a time; the sockets of the hosts are. No link leads out, and
/// everything is gone when this, and the sockets made in it, are disposed of, or the process ends.
/// </summary>
public sealed class KernelInternet : IDisposable, IAccessNetwork
{
    private readonly List<NetNamespace> _spaces = [];
    private readonly List<DelayCable> _cables = [];
    private readonly List<(IPAddress From, IPAddress To)> _severed = [];
    private LabScript? _pending = new();
    private int _ports;
    private int _servers = 9;
    private int _subscribers;
    private int _homes;
    private int _carriers;

    public KernelInternet()
    {
        Namespace = CreateNamespace(ipv6: true, [("net.ipv4.ip_forward", 1), ("net.ipv6.conf.all.forwarding", 1)]);
        // Linux answers ARP for this one on every line. It has no default route: what the lab does not have is unreachable.
        Do(script => script.Ip(Namespace, "link set dev lo up", $"addr add {Gateway}/32 dev lo"));
    }

    /// <summary>The router in the middle.</summary>
    public NetNamespace Namespace { get; }

    /// <summary>Every namespace of the lab.</summary>
    public IReadOnlyList<NetNamespace> Namespaces => _spaces;

    private static IPAddress Gateway { get; } = IPAddress.Parse("198.51.100.1");

    private static IPAddress Ipv6Gateway { get; } = IPAddress.Parse("fe80::1");

    /// <summary>Adds a host with public addresses and nothing in between; without any given it gets two of IPv4 and one of IPv6.</summary>
    public KernelHost AddServer(string name, params IReadOnlyList<string> addresses) => AddServer(name, new LineConditions(), addresses);

    /// <inheritdoc cref="AddServer(string, IReadOnlyList{string})"/>
    public KernelHost AddServer(string name, LineConditions line, params IReadOnlyList<string> addresses)
    {
        IReadOnlyList<string> given = addresses.Count > 0 ? addresses
            : [$"198.51.100.{++_servers}", $"198.51.100.{++_servers}", $"2001:db8:fffe::{_servers:x}"];
        return new(this, name, this, LeaseOf([.. given.Select(IPAddress.Parse)]), line);
    }

    /// <summary>
    /// Adds a home: a router of the kind, with a network for hosts behind it. For <see cref="NatKind.None"/> and
    /// <see cref="NatKind.Firewall"/> the hosts have public addresses.
    /// </summary>
    public KernelRouter AddHome(string name, NatKind kind, HomeOptions? options = null)
    {
        options ??= new();
        var number = ++_homes;
        return new(this, name, kind, options, number, $"192.168.{(options.Network ?? number).ToString(CultureInfo.InvariantCulture)}");
    }

    /// <summary>Adds a carrier's NAT, for homes to be <see cref="HomeOptions.Behind"/>; it may be behind another one itself.</summary>
    public KernelRouter AddCarrier(string name, NatKind kind, bool hairpin = false, KernelRouter? behind = null) =>
        new(this, name, kind, new() { Hairpin = hairpin, Behind = behind }, ++_homes, $"10.64.{++_carriers}");

    /// <summary>Makes everything that was added stand.</summary>
    public void Start()
    {
        var script = _pending ?? throw new InvalidOperationException("it stands already");
        script.Run(Namespace);
        _pending = null;
    }

    /// <summary>Sets what the middle of the internet does not let through.</summary>
    public void SetObstacles(Obstacles obstacles) => Do(script => script.Rules(Namespace, ObstacleRules.Write(obstacles)));

    /// <summary>
    /// Lets nothing through any more from one public address to another, in that direction only. So a direct path dies and a relay's
    /// lives on.
    /// </summary>
    public void Sever(IPAddress from, IPAddress to)
    {
        _severed.Add((from, to));
        Do(script => script.Rules(Namespace, ObstacleRules.WriteSevered(_severed)));
    }

    /// <summary>Undoes all severing.</summary>
    public void Mend()
    {
        _severed.Clear();
        Do(script => script.Rules(Namespace, ObstacleRules.WriteSevered(_severed)));
    }

    public void Dispose()
    {
        foreach (var cable in _cables) { cable.Dispose(); }
        foreach (var space in _spaces) { space.Dispose(); }
    }

    internal KernelHost AddHost(string name, KernelRouter home) => new(this, name, home);

    internal DelayCable Add(DelayCable cable)
    {
        _cables.Add(cable);
        return cable;
    }

    internal void Remove(DelayCable cable)
    {
        cable.Dispose();
        _cables.Remove(cable);
    }

    internal string NextPort() => $"p{++_ports}";

    internal IPAddress NextPublicAddress() =>
        ++_subscribers < 255 ? IPAddress.Parse($"203.0.113.{_subscribers}") : throw new InvalidOperationException("203.0.113.0/24 is used up");

    /// <summary>Adds commands to those that wait for <see cref="Start"/>, or runs them when it stands.</summary>
    internal void Do(Action<LabScript> commands)
    {
        if (_pending is not null)
        {
            commands(_pending);
            return;
        }

        var script = new LabScript();
        commands(script);
        script.Run(Namespace);
    }

    internal NetNamespace CreateNamespace(bool ipv6, IEnumerable<(string, int)> settings)
    {
        var space = NetNamespace.Create();
        _spaces.Add(space);
        // Before there are devices: they copy "default" at birth. Without duplicate address detection addresses are usable at once.
        var off = ipv6 ? 0 : 1;
        KernelSettings.Write(space,
        [
            ("net.ipv6.conf.all.disable_ipv6", off),
            ("net.ipv6.conf.default.disable_ipv6", off),
            ("net.ipv6.conf.all.accept_dad", 0),
            ("net.ipv6.conf.default.accept_dad", 0),
            ("net.ipv6.conf.default.accept_ra", 0),
            ("net.ipv6.conf.default.router_solicitations", 0),
            .. settings,
        ]);
        return space;
    }

    Lease IAccessNetwork.NextLease()
    {
        var ipv4 = NextPublicAddress();
        return LeaseOf([ipv4, IPAddress.Parse($"2001:db8:ffff::{_subscribers:x}")]);
    }

    void IAccessNetwork.Connect(LabScript script, string port) =>
        // Neighbour discovery, unlike ARP, answers only for addresses of the very device, so each has the gateway's.
        script.Ip(Namespace, $"link set dev {port} up", $"addr add {Ipv6Gateway}/64 dev {port} nodad");

    void IAccessNetwork.Route(LabScript script, string port, Lease lease)
    {
        foreach (var (address, length) in lease.Addresses) { script.Ip(Namespace, $"route replace {address}/{length} dev {port}"); }
    }

    // Point to point: the internet is a router, not a switch.
    private static Lease LeaseOf(IReadOnlyList<IPAddress> addresses) => new(
        [.. addresses.Select(address => (address, Lease.IsIpv6(address) ? 128 : 32))],
        addresses.Any(address => !Lease.IsIpv6(address)) ? Gateway : null,
        addresses.Any(Lease.IsIpv6) ? Ipv6Gateway : null);
}
