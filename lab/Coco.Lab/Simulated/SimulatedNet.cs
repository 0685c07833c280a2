using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>
/// Addresses that reach each other without translation: the internet itself, the inside of a router, a carrier's own net. The same
/// private addresses may stand in many nets.
/// </summary>
/// <param name="internet">What it is part of.</param>
/// <param name="name">For people.</param>
/// <param name="routers">Routers a packet passes on its way through: 0 for a LAN.</param>
/// <param name="gateway">Where everything else goes; null for the internet, which has no else.</param>
internal sealed class SimulatedNet(SimulatedInternet internet, string name, int routers, SimulatedRouter? gateway)
{
    private readonly Dictionary<NetworkAddress, SimulatedCable> _cables = [];

    public string Name { get; } = name;

    public bool Has(NetworkAddress address) => _cables.ContainsKey(address.WithPort(0));

    /// <summary>Gives an address to whoever is at the other end of a cable. Behind a router that does not translate, the nets in front
    /// learn the way too.</summary>
    public void Add(NetworkAddress address, SimulatedCable cable)
    {
        if (!_cables.TryAdd(address.WithPort(0), cable)) { throw new InvalidOperationException($"{address.HostText} is in {Name} already"); }
        if (gateway is not null && !gateway.Translates(address)) { gateway.Announce(address); }
    }

    public void Remove(NetworkAddress address)
    {
        _cables.Remove(address.WithPort(0));
        if (gateway is not null && !gateway.Translates(address)) { gateway.Withdraw(address); }
    }

    /// <summary>Takes a packet from a cable.</summary>
    public void Carry(SimulatedPacket packet) => Carry(packet, isFromGateway: false);

    /// <summary>Takes a packet that the gateway lets in.</summary>
    public void CarryFromGateway(SimulatedPacket packet) => Carry(packet, isFromGateway: true);

    private void Carry(SimulatedPacket packet, bool isFromGateway)
    {
        if (routers > 0)
        {
            if (packet.HopLimit <= routers) { internet.Trace.Record(internet.Now, TraceVerb.HopLimit, packet); return; }
            packet = packet with { HopLimit = packet.HopLimit - routers };
        }
        if (_cables.TryGetValue(packet.Destination.WithPort(0), out var cable)) { cable.Down.Send(packet); }
        else if (gateway is not null && !isFromGateway) { gateway.HandleFromInside(packet); }
        else { internet.Trace.Record(internet.Now, TraceVerb.NoRoute, packet); }
    }
}
