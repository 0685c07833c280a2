using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Lab.Kernel;

/// <summary>
/// A host in a namespace of its own. Sockets made by it belong to it and work from any thread, so nodes need no process of their own.
/// </summary>
public sealed partial class KernelHost
{
    private readonly KernelInternet _internet;
    private readonly SortedDictionary<string, AccessLine> _lines = new(StringComparer.Ordinal);

    internal KernelHost(KernelInternet internet, string name, IAccessNetwork network, Lease? lease = null, LineConditions? conditions = null)
    {
        (_internet, Name) = (internet, name);
        Namespace = internet.CreateNamespace(ipv6: true, []);
        internet.Do(script => script.Ip(Namespace, "link set dev lo up"));
        PlugInto(network, "eth0", lease, conditions);
    }

    public string Name { get; }

    public NetNamespace Namespace { get; }

    /// <summary>The line of eth0.</summary>
    public AccessLine Line => LineOf("eth0");

    /// <summary>All addresses the lab has given to the host, interface by interface.</summary>
    public IEnumerable<IPAddress> Addresses => _lines.Values.SelectMany(line => line.Lease.Addresses.Select(entry => entry.Address));

    /// <summary>Its first IPv4 address.</summary>
    public IPAddress Address => Addresses.First(address => !Lease.IsIpv6(address));

    /// <summary>Its first IPv6 address.</summary>
    public IPAddress Ipv6Address => Addresses.First(Lease.IsIpv6);

    /// <summary>The same as a node's host would list it.</summary>
    public IReadOnlyList<InterfaceAddress> Interfaces =>
    [
        .. from line in _lines
           let index = IndexOf(line.Key)
           from entry in line.Value.Lease.Addresses
           select new InterfaceAddress(Core(entry.Address), entry.PrefixLength, index, line.Key, HasDefaultRoute: true, line.Value.Conditions.Mtu),
    ];

    /// <summary>Makes a socket of this host.</summary>
    public Socket CreateSocket(AddressFamily family, SocketType type, ProtocolType protocol) =>
        Namespace.CreateSocket(family, type, protocol);

    public AccessLine LineOf(string device) =>
        _lines.TryGetValue(device, out var line) ? line : throw new InvalidOperationException($"{Name} has no {device}");

    /// <summary>Connects an interface to a home's network; lower numbers in the device's name have the better default route.</summary>
    public void Plug(KernelRouter home, string device = "eth0") => PlugInto(home, device);

    /// <summary>Pulls out the cable: the device is gone, with its addresses and routes.</summary>
    public void Unplug(string device = "eth0")
    {
        LineOf(device).Cut();
        _lines.Remove(device);
    }

    /// <summary>Moves an interface to another home.</summary>
    public void MoveTo(KernelRouter home, string device = "eth0")
    {
        Unplug(device);
        Plug(home, device);
    }

    /// <summary>Gets another IPv4 address on the same line.</summary>
    public void Renew(string device = "eth0") => LineOf(device).Renew();

    /// <summary>The line is lost and comes back at once.</summary>
    public void Flap(string device = "eth0") => LineOf(device).Flap();

    public override string ToString() => Name;

    private static NetworkAddress Core(IPAddress address) =>
        NetworkAddress.TryParseHost(address.ToString(), out var core) ? core : throw new InvalidOperationException($"{address} is no address");

    private void PlugInto(IAccessNetwork network, string device, Lease? lease = null, LineConditions? conditions = null)
    {
        if (_lines.ContainsKey(device)) { throw new InvalidOperationException($"{Name} has its {device} plugged in already"); }

        var metric = 100 + int.Parse(device.AsSpan().TrimStart("abcdefghijklmnopqrstuvwxyz"));
        _lines[device] = AccessLine.Lay(_internet, network, Namespace, device, lease, metric, conditions);
    }

    private int IndexOf(string device) => Namespace.Visit(() => (int)InterfaceIndex(device));

    [LibraryImport("libc", EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint InterfaceIndex(string device);
}
