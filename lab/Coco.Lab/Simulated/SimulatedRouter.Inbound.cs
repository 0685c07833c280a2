using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>From outside.</summary>
internal sealed partial class SimulatedRouter
{
    private void HandleFromOutside(SimulatedPacket packet)
    {
        if (IsForbidden(packet)) { Drop(TraceVerb.Filtered, packet); return; }
        var now = _internet.Now;
        var isKnown = _flows.TryFind(FlowKey.Of(packet), now, out var flow, out var isReply);
        if (!isKnown)
        {
            if (!IsLetIn(packet, now, out var inner))
            {
                TakeForItself(packet, now);
                return;
            }
            flow = new(FlowKey.Of(packet), new(packet.Protocol, inner, packet.Source), now);
        }
        var translated = flow.Translate(packet, isReply);
        if (IsOwn(translated.Destination))
        {
            // One of those it took for itself.
            flow.Refresh(isReply, Options, now);
            Drop(TraceVerb.NoSocket, packet);
            return;
        }
        if (packet.HopLimit <= 1) { Drop(TraceVerb.HopLimit, packet); return; }
        if (!isKnown)
        {
            if (!_flows.IsFree(flow.Reply, now) || _flows.Count >= Options.MaxFlows) { Drop(TraceVerb.Exhausted, packet); return; }
            _flows.Add(flow, now);
        }
        flow.Refresh(isReply, Options, now);
        Inside.CarryFromGateway(translated with { HopLimit = packet.HopLimit - 1 });
    }

    private bool IsLetIn(SimulatedPacket packet, TimeSpan now, out NetworkAddress inner)
    {
        if (_forwarded.TryGetValue((packet.Protocol, packet.Destination), out inner)) { return true; }
        if (packet.Protocol is not PacketProtocol.Udp || !_learned.TryFindInner(packet.Destination, now, out inner)) { return false; }
        return (packet.Destination.IsIpv4 ? Options.Filtering : Options.Ipv6Filtering) switch
        {
            NatFiltering.EndpointIndependent => true,
            NatFiltering.AddressDependent => _learned.HasSentTo(packet.Destination, packet.Source, now),
            _ => false,
        };
    }

    private void TakeForItself(SimulatedPacket packet, TimeSpan now)
    {
        if (!Options.AcceptsUnsolicited || !IsOwn(packet.Destination)) { Drop(TraceVerb.Filtered, packet); return; }
        Drop(TraceVerb.NoSocket, packet);
        if (packet.Protocol is PacketProtocol.Tcp)
        {
            if (packet.Segment?.Kind is TcpSegmentKind.Syn) { Outside.Up.Send(ResetFor(packet)); }
            return;
        }
        var flow = new Flow(FlowKey.Of(packet), new(packet.Protocol, packet.Destination, packet.Source), now);
        if (!_flows.IsFree(flow.Reply, now)) { return; }
        _flows.Add(flow, now);
        flow.Refresh(isReply: false, Options, now);
    }
}
