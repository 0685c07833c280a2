using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>From inside: to the outside, or back inside.</summary>
internal sealed partial class SimulatedRouter
{
    private const int FirstRandomPort = 1024;
    private const int FirstSequentialPort = 40_000;
    private const int MaxPortTries = 128;

    private int _nextPort = FirstSequentialPort;

    public void HandleFromInside(SimulatedPacket packet)
    {
        if (IsOwn(packet.Destination))
        {
            Hairpin(packet);
            return;
        }
        // Linux lets a packet die before it looks at its flow: nothing is remembered of it.
        if (packet.HopLimit <= 1) { Drop(TraceVerb.HopLimit, packet); return; }
        if (IsForbidden(packet) || !IsAllowedTcp(packet)) { Drop(TraceVerb.Filtered, packet); return; }

        var now = _internet.Now;
        var key = FlowKey.Of(packet);
        var isKnown = _flows.TryFind(key, now, out var flow, out var isReply);
        if (!isKnown)
        {
            var remote = packet.Protocol is PacketProtocol.Tcp && Options.TcpPortal is { } portal ? portal : key.Destination;
            if (!HasRoomFor(packet.Source, now) || !TryChooseOuter(key with { Destination = remote }, out var outer)) { Drop(TraceVerb.Exhausted, packet); return; }
            _flows.Add(flow = new(key, new(key.Protocol, remote, outer), now), now);
        }
        flow.Refresh(isReply, Options, now);
        var translated = flow.Translate(packet, isReply);
        if (packet.Protocol is PacketProtocol.Udp)
        {
            _learned.Learn(packet.Source, translated.Source, translated.Destination, now + Options.StreamTimeout, now);
        }
        Outside.Up.Send(translated with { HopLimit = packet.HopLimit - 1 });
    }

    private bool IsAllowedTcp(SimulatedPacket packet)
    {
        if (packet.Protocol is not PacketProtocol.Tcp || Options.TcpPorts is not { } ports) { return true; }
        if (ports.Contains(packet.Destination.Port) || !_flows.IsFree(FlowKey.Of(packet), _internet.Now)) { return true; }
        if (Options.ResetsTcp) { Inside.CarryFromGateway(ResetFor(packet)); }
        return false;
    }

    private static SimulatedPacket ResetFor(SimulatedPacket packet) =>
        new(PacketProtocol.Tcp, packet.Destination, packet.Source, []) { Segment = new(TcpSegmentKind.Reset) };

    private bool HasRoomFor(NetworkAddress inner, TimeSpan now)
    {
        if (Options.MaxPortsOfHost < int.MaxValue && _flows.PortsOf(inner, now) >= Options.MaxPortsOfHost) { return false; }
        if (_flows.Count < Options.MaxFlows) { return true; }
        _flows.Sweep(now);
        return _flows.Count < Options.MaxFlows;
    }

    private bool TryChooseOuter(in FlowKey key, out NetworkAddress outer)
    {
        outer = key.Source;
        if (!Translates(key.Source)) { return IsFreeFor(key, outer); }
        var address = OuterAddressFor(key.Source);
        if (address.IsUnspecified) { return false; }
        switch (MappingOf(key.Protocol))
        {
            case NatMapping.EndpointIndependent:
                if (_learned.TryFindOuter(key.Source, _internet.Now, out outer) && IsFreeFor(key, outer)) { return true; }
                break;
            case NatMapping.PortPreserving:
                if (_flows.NewestOuter(key.Protocol, key.Source, _internet.Now) is { } newest && newest.HasSameHost(address) && IsFreeFor(key, newest))
                {
                    outer = newest;
                    return true;
                }
                outer = address.WithPort(key.Source.Port);
                if (IsFreeFor(key, outer)) { return true; }
                break;
            case NatMapping.Sequential:
                outer = address.WithPort(_nextPort);
                _nextPort = _nextPort == ushort.MaxValue ? FirstSequentialPort : _nextPort + 1;
                if (IsFreeFor(key, outer)) { return true; }
                break;
        }
        return TryChooseRandom(key, address, out outer);
    }

    private bool TryChooseRandom(in FlowKey key, NetworkAddress address, out NetworkAddress outer)
    {
        for (var tries = 0; tries < MaxPortTries; tries++)
        {
            outer = address.WithPort(_internet.Random.Next(FirstRandomPort, ushort.MaxValue + 1));
            if (MappingOf(key.Protocol) is NatMapping.EndpointIndependent && _learned.TryFindInner(outer, _internet.Now, out _)) { continue; }
            if (IsFreeFor(key, outer)) { return true; }
        }
        outer = default;
        return false;
    }

    // TCP's ports are kept by everything but the symmetric kinds, as in the kernel laboratory.
    private NatMapping MappingOf(PacketProtocol protocol) =>
        protocol is PacketProtocol.Tcp && Options.Mapping is NatMapping.EndpointIndependent ? NatMapping.PortPreserving : Options.Mapping;

    private bool IsFreeFor(in FlowKey key, NetworkAddress outer) =>
        _flows.IsFree(new(key.Protocol, key.Destination, outer), _internet.Now) && !_forwarded.ContainsKey((key.Protocol, outer));

    // To a neighbour over the outer address, whatever the filtering: both see each other's outer endpoints.
    private void Hairpin(SimulatedPacket packet)
    {
        if (!Options.Hairpins || IsForbidden(packet)) { Drop(TraceVerb.Filtered, packet); return; }
        if (packet.HopLimit <= 1) { Drop(TraceVerb.HopLimit, packet); return; }
        var now = _internet.Now;
        if (!_flows.TryFind(FlowKey.Of(packet), now, out var flow, out var isReply))
        {
            if (!TryFindInner(packet, now, out var inner)) { Drop(TraceVerb.Filtered, packet); return; }
            if (!_learned.TryFindOuter(packet.Source, now, out var outer)) { outer = OuterAddressFor(packet.Source).WithPort(packet.Source.Port); }
            var reply = new FlowKey(packet.Protocol, inner, outer);
            if (!_flows.IsFree(reply, now)) { Drop(TraceVerb.Exhausted, packet); return; }
            _flows.Add(flow = new(FlowKey.Of(packet), reply, now), now);
        }
        flow.Refresh(isReply, Options, now);
        Inside.CarryFromGateway(flow.Translate(packet, isReply) with { HopLimit = packet.HopLimit - 1 });
    }

    private bool TryFindInner(SimulatedPacket packet, TimeSpan now, out NetworkAddress inner) =>
        _forwarded.TryGetValue((packet.Protocol, packet.Destination), out inner)
        || (packet.Protocol is PacketProtocol.Udp && _learned.TryFindInner(packet.Destination, now, out inner));
}
