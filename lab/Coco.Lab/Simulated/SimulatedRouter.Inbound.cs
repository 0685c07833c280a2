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
            if (!TryChooseSeen(packet, inner, now, out var seen)) { Drop(TraceVerb.Exhausted, packet); return; }
            flow = new(FlowKey.Of(packet), new(packet.Protocol, inner, seen), now);
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
            if (_flows.Count >= Options.MaxFlows) { Drop(TraceVerb.Exhausted, packet); return; }
            _flows.Add(flow, now);
        }
        flow.Refresh(isReply, Options, now);
        Inside.CarryFromGateway(translated with { HopLimit = packet.HopLimit - 1 });
    }

    // When the inner host has sent to that remote endpoint already, from another outer port, its packets belong to that flow. Linux then
    // shows it the remote endpoint under another port, and answers to that port find their way.
    private bool TryChooseSeen(SimulatedPacket packet, NetworkAddress inner, TimeSpan now, out NetworkAddress seen)
    {
        seen = packet.Source;
        for (var tries = 0; tries < MaxPortTries; tries++)
        {
            if (_flows.IsFree(new(packet.Protocol, inner, seen), now)) { return true; }
            seen = seen.WithPort(_internet.Random.Next(FirstRandomPort, ushort.MaxValue + 1));
        }
        return false;
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
