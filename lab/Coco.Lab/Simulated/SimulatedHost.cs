using Coco.Quic.Congestion;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Lab.Simulated;

/// <summary>A host: interfaces, UDP sockets bound to no address, TCP connections. What arrives is told to whoever set the callbacks.</summary>
internal sealed partial class SimulatedHost(SimulatedInternet internet, string name)
{
    private const int MaxInterfaceAddresses = 64; // what a snapshot holds

    private readonly List<SimulatedInterface> _interfaces = [];
    private int _nextInterface;

    public string Name { get; } = name;

    public SimulatedInternet Internet { get; } = internet;

    public IReadOnlyList<SimulatedInterface> Interfaces => _interfaces;

    /// <summary>The first address.</summary>
    public NetworkAddress Address => _interfaces[0].Addresses[0];

    /// <summary>Addresses or interfaces have changed, and the system says so.</summary>
    public Action? NetworkChanged { get; set; }

    /// <summary>Whether the system says so when addresses or interfaces change.</summary>
    public bool ReportsChanges { get; set; } = true;

    /// <summary>Plugs an interface into a net.</summary>
    public SimulatedInterface Attach(SimulatedNet net, params ReadOnlySpan<string> addresses) => Attach(net, new(), 32, addresses);

    public SimulatedInterface Attach(SimulatedNet net, CableOptions options, int prefixLength, params ReadOnlySpan<string> addresses)
    {
        var added = new SimulatedInterface(++_nextInterface, new(Internet, net, options, HandlePacket)) { PrefixLength = prefixLength };
        foreach (var address in addresses) { added.Add(SimulatedInternet.Address(address)); }
        _interfaces.Add(added);
        TellOfChange();
        return added;
    }

    /// <summary>Takes an interface away, with its addresses.</summary>
    public void Detach(SimulatedInterface gone)
    {
        _interfaces.Remove(gone);
        foreach (var address in gone.Addresses.ToArray()) { gone.Remove(address); }
        gone.Cable.IsUnplugged = true;
        TellOfChange();
    }

    /// <summary>Leaves all nets and enters another, as somebody who comes home with a phone.</summary>
    public SimulatedInterface MoveTo(SimulatedNet net, params ReadOnlySpan<string> addresses)
    {
        var told = ReportsChanges;
        ReportsChanges = false;
        foreach (var gone in _interfaces.ToArray()) { Detach(gone); }
        ReportsChanges = told;
        return Attach(net, addresses);
    }

    /// <summary>The same interface gets another address.</summary>
    public void ChangeAddress(string from, string to)
    {
        var old = SimulatedInternet.Address(from);
        var holder = _interfaces.Find(each => each.Addresses.Contains(old)) ?? throw new InvalidOperationException($"{Name} has no address {from}");
        holder.Remove(old);
        holder.Add(SimulatedInternet.Address(to));
        TellOfChange();
    }

    /// <summary>What the system would say about addresses and sockets now.</summary>
    public NetworkSnapshot Snapshot(IReadOnlyList<LocalSocket> sockets, int tcpPort = 0) => new(
        sockets,
        [.. (from each in _interfaces
            from address in each.Addresses
            select new InterfaceAddress(
                address, address.IsIpv4 ? each.PrefixLength : 64, each.Index, each.Name, each.HasDefaultRoute, each.Mtu))
            .Take(MaxInterfaceAddresses)],
        tcpPort);

    private void TellOfChange()
    {
        if (ReportsChanges) { NetworkChanged?.Invoke(); }
    }

    // The longest match first, as a routing table does; then a default route.
    private bool TryRoute(in NetworkAddress destination, out SimulatedInterface through, out NetworkAddress source)
    {
        foreach (var onlyNeighbours in (ReadOnlySpan<bool>)[true, false])
        {
            foreach (var each in _interfaces)
            {
                if (each.SourceFor(destination, onlyNeighbours) is not { } found) { continue; }
                (through, source) = (each, found);
                return true;
            }
        }
        (through, source) = (null!, default);
        return false;
    }

    /// <summary>False when there is no way there: ENETUNREACH.</summary>
    private bool TrySendPacket(PacketProtocol protocol, int port, NetworkAddress destination, byte[] payload, EcnCodepoint ecn, byte hopLimit, TcpSegment? segment = null)
    {
        if (!TryRoute(destination, out var through, out var source)) { return false; }
        var packet = new SimulatedPacket(protocol, source.WithPort(port), destination, payload)
        {
            Ecn = ecn,
            HopLimit = hopLimit == 0 ? SimulatedPacket.DefaultHopLimit : hopLimit,
            Origin = new(this, destination, Internet.Now),
            Segment = segment,
        };
        Internet.Trace.Record(Internet.Now, TraceVerb.Sent, packet);
        if (_interfaces.Exists(each => each.Addresses.Contains(destination.WithPort(0)))) { Internet.Schedule(Internet.Now, () => HandlePacket(packet)); }
        else { through.Cable.Up.Send(packet); }
        return true;
    }

    private void HandlePacket(SimulatedPacket packet)
    {
        if (packet.Protocol is PacketProtocol.Udp) { HandleUdp(packet); }
        else { HandleTcp(packet); }
    }
}
