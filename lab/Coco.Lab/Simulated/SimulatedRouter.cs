using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>
/// A router with a NAT and a stateful firewall, after Linux's: a table of flows decides what passes; endpoint-independence, where a
/// router has it, is a second table that says which outer port leads where (the kernel laboratory's rules do the same).
/// </summary>
internal sealed partial class SimulatedRouter
{
    private readonly SimulatedInternet _internet;
    private readonly FlowTable _flows = new();
    private readonly LearnedPorts _learned = new();
    private readonly Dictionary<(PacketProtocol Protocol, NetworkAddress Outer), NetworkAddress> _forwarded = [];
    private readonly List<NetworkAddress> _outer = [];

    public SimulatedRouter(SimulatedInternet internet, string name, RouterOptions options, SimulatedNet outside)
    {
        (_internet, Name, Options) = (internet, name, options);
        Inside = new(internet, name, routers: 0, gateway: this);
        // No delay by default: it belongs to the hosts' cables, so that a delay set there is the whole.
        Outside = new(internet, outside, new() { Delay = TimeSpan.Zero }, HandleFromOutside);
    }

    public string Name { get; }

    /// <summary>May be changed at any time; what is known already stays known.</summary>
    public RouterOptions Options { get; set; }

    public SimulatedNet Inside { get; }

    public SimulatedCable Outside { get; }

    public IReadOnlyList<NetworkAddress> OuterAddresses => _outer;

    /// <summary>Flows it remembers, some of which may have ended.</summary>
    public int FlowCount => _flows.Count;

    public bool Translates(in NetworkAddress address) => address.IsIpv4 && Options.Mapping is not NatMapping.None;

    public void AddOuterAddress(NetworkAddress address)
    {
        _outer.Add(address);
        Outside.Net.Add(address, Outside);
    }

    /// <summary>The provider gives another address: all flows end.</summary>
    public void ChangeOuterAddress(string from, string to)
    {
        var old = SimulatedInternet.Address(from);
        if (!_outer.Remove(old)) { throw new InvalidOperationException($"{Name} has no address {from}"); }
        Outside.Net.Remove(old);
        AddOuterAddress(SimulatedInternet.Address(to));
        Reboot();
    }

    /// <summary>Forgets all flows, as after a power failure. Forwarded ports stay.</summary>
    public void Reboot()
    {
        _flows.Clear();
        _learned.Clear();
    }

    /// <summary>Lets everybody in to a port of the outer address, as port mapping protocols ask for.</summary>
    public NetworkAddress Forward(PacketProtocol protocol, int outerPort, NetworkAddress inner)
    {
        var outer = OuterAddressFor(inner).WithPort(outerPort);
        _forwarded[(protocol, outer)] = inner;
        return outer;
    }

    public void StopForwarding(PacketProtocol protocol, NetworkAddress outer) => _forwarded.Remove((protocol, outer));

    /// <summary>An address of a host inside is reached through here without translation.</summary>
    public void Announce(NetworkAddress address) => Outside.Net.Add(address, Outside);

    public void Withdraw(NetworkAddress address) => Outside.Net.Remove(address);

    private NetworkAddress OuterAddressFor(NetworkAddress like) => _outer.Find(address => address.IsIpv4 == like.IsIpv4);

    private bool IsOwn(NetworkAddress address) => _outer.Exists(own => own.HasSameHost(address));

    private void Drop(TraceVerb why, SimulatedPacket packet) => _internet.Trace.Record(_internet.Now, why, packet);

    private bool IsForbidden(SimulatedPacket packet) => packet.Protocol is PacketProtocol.Udp
        && (Options.BlocksUdp || (packet.Payload.Length > 0 && Options.DropsFirstByte?.Invoke(packet.Payload[0]) is true));
}
