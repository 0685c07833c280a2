using System.Globalization;
using System.Net;

namespace Coco.Lab.Kernel;

/// <summary>The cable that connects a host or a router to a network, with what the network leased to it.</summary>
public sealed class AccessLine
{
    internal const int AskAgainMs = 20;

    private readonly KernelInternet _internet;
    private readonly IAccessNetwork _network;
    private readonly NetNamespace _near;
    private readonly string _device;
    private readonly string _port;
    private readonly int _metric;
    private DelayCable? _cable;

    private AccessLine(KernelInternet internet, IAccessNetwork network, NetNamespace near, string device, int metric, Lease lease)
    {
        _internet = internet;
        _network = network;
        _near = near;
        _device = device;
        _metric = metric;
        _port = internet.NextPort();
        Lease = lease;
    }

    public LineConditions Conditions { get; private set; } = new();

    internal Lease Lease { get; private set; }

    internal string Port => _port;

    /// <summary>Sets how well the line carries packets, also while something runs.</summary>
    public void Apply(LineConditions conditions)
    {
        if ((conditions.Delay is null) != (Conditions.Delay is null))
        {
            throw new ArgumentException("only a line laid with a delay has one, and it keeps one", nameof(conditions));
        }

        var before = Conditions;
        Conditions = conditions;
        _cable?.Apply(conditions);
        _internet.Do(script =>
        {
            if (conditions.Mtu != before.Mtu) { OnBothEnds(script, $"mtu {conditions.Mtu}"); }
            if (conditions.DropsPackets || before.DropsPackets)
            {
                // One packet a segment: else the segments of one system call share one fate, as a packet of 64 KiB.
                OnBothEnds(script, "gso_max_segs 1");
                script.Rules(_network.Namespace, DropRules(_port, conditions.LossUp, conditions.LargestCarried));
                script.Rules(_near, DropRules(_device, conditions.LossDown, conditions.LargestCarried));
            }

            if (conditions.RateUp != before.RateUp)
            {
                script.Queue(_near, QueueCommand(_device, conditions.RateUp, conditions.Buffer));
            }

            if (conditions.RateDown != before.RateDown)
            {
                script.Queue(_network.Namespace, QueueCommand(_port, conditions.RateDown, conditions.Buffer));
            }
        });
    }

    internal static AccessLine Lay(
        KernelInternet internet, IAccessNetwork network, NetNamespace near, string device,
        Lease? lease = null, int metric = 100, LineConditions? conditions = null)
    {
        var line = new AccessLine(internet, network, near, device, metric, lease ?? network.NextLease());
        internet.Do(script =>
        {
            if (conditions?.Delay is { } delay) { line.LayDelayed(script, delay); }
            else { script.Cable(network.Namespace, line._port, near, device); }

            network.Connect(script, line._port);
            network.Route(script, line._port, line.Lease);
            // A port may still be coming up when the first packet asks for its neighbour: asked again soon, not after the kernel's second.
            script.Ip(near, $"link set dev {device} up", $"ntable change name arp_cache dev {device} retrans {AskAgainMs}");
            script.Ip(network.Namespace, $"ntable change name arp_cache dev {line._port} retrans {AskAgainMs}");
            line.TakeAddresses(script, line.Lease);
        });
        if (conditions is not null && conditions != line.Conditions) { line.Apply(conditions); }
        return line;
    }

    internal void Cut()
    {
        // The devices of a delay cable go with it.
        if (_cable is not null) { _internet.Remove(_cable); }
        else { _internet.Do(script => script.Ip(_near, $"link del dev {_device}")); }
    }

    // Taking a device down loses its routes, and its IPv6 addresses.
    internal void Flap() => _internet.Do(script =>
    {
        script.Ip(_near, $"link set dev {_device} down", $"link set dev {_device} up");
        TakeAddresses(script, Lease);
    });

    /// <summary>Gives up the IPv4 addresses for new ones. IPv6 stays.</summary>
    internal void Renew()
    {
        var before = Lease;
        var next = _network.NextLease().Addresses.Where(entry => !Lease.IsIpv6(entry.Address));
        Lease = before with { Addresses = [.. next, .. before.Addresses.Where(entry => Lease.IsIpv6(entry.Address))] };
        _internet.Do(script =>
        {
            // The old ones first: in one subnet they would take the new one, their "secondary", with them.
            foreach (var (address, length) in before.Addresses.Except(Lease.Addresses))
            {
                script.Ip(_near, $"addr del {address}/{length} dev {_device}");
            }

            _network.Route(script, _port, Lease);
            TakeAddresses(script, Lease);
        });
    }

    private static string DropRules(string device, double loss, int? largest)
    {
        var table = $"table netdev {device}";
        var lost = loss switch
        {
            <= 0 => "",
            >= 1 => "meta l4proto { tcp, udp } drop\n",
            _ => $"meta l4proto {{ tcp, udp }} numgen random mod 10000 < {(int)(loss * 10_000)} drop\n",
        };
        var tooLong = largest is not null ? $"meta l4proto {{ tcp, udp }} meta length > {largest} drop\n" : "";
        return $$"""
            {{table}}
            delete {{table}}
            {{table}} {
              chain arriving { type filter hook ingress device "{{device}}" priority 0; policy accept;
                {{lost}}{{tooLong}}
              }
            }
            """;
    }

    private static string QueueCommand(string device, int? kilobits, TimeSpan buffer)
    {
        if (kilobits is null) { return $"qdisc del dev {device} root"; }

        // The bucket holds what passes in 1.3 ms, a tick of the coarser timers; two full packets at least.
        var burst = Math.Max(4_000, kilobits.Value / 6);
        return string.Create(CultureInfo.InvariantCulture,
            $"qdisc replace dev {device} root tbf rate {kilobits}kbit burst {burst} latency {buffer.TotalMilliseconds}ms");
    }

    private void LayDelayed(LabScript script, TimeSpan delay)
    {
        if (_network != _internet) { throw new ArgumentException("only a line to the internet itself has a delay", nameof(delay)); }

        Conditions = new() { Delay = delay };
        script.First(() =>
        {
            var far = TunDevice.Create(_network.Namespace, _port);
            _cable = _internet.Add(new DelayCable(far, TunDevice.Create(_near, _device), Conditions));
        });
        OnBothEnds(script, "txqueuelen 1000");
    }

    private void OnBothEnds(LabScript script, string setting)
    {
        script.Ip(_near, $"link set dev {_device} {setting}");
        script.Ip(_network.Namespace, $"link set dev {_port} {setting}");
    }

    private void TakeAddresses(LabScript script, Lease lease)
    {
        foreach (var (address, length) in lease.Addresses)
        {
            script.Ip(_near, $"addr replace {address}/{length} dev {_device}{(Lease.IsIpv6(address) ? " nodad" : "")}");
        }

        foreach (var gateway in new[] { lease.Ipv4Gateway, lease.Ipv6Gateway }.OfType<IPAddress>())
        {
            script.Ip(_near, $"route replace default via {gateway} dev {_device} onlink metric {_metric}");
        }
    }
}
