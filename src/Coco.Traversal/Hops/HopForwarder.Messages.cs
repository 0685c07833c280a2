using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;

namespace Coco.Traversal.Hops;

/// <summary>What neighbours ask and answer.</summary>
internal sealed partial class HopForwarder
{
    private const int MaxAvoided = 4; // neighbours that the router names and that are not there; then it knows no better

    // Sessions that are being opened through us, by whose and to whom. One that comes back by another neighbour runs in a circle: nobody has
    // answered it yet, or it would not still be looking.
    private readonly Dictionary<(NodeId Self, NodeId Origin, NodeId Target), HopLeg> _opening = [];

    /// <summary>A message of a trusted neighbour's. False when it is malformed, and the connection is to be ended.</summary>
    public bool HandleMessage(HopNeighbour from, ulong type, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (!HopMessageCodec.TryRead(type, body, out var message))
        {
            HopsLog.BadMessage(_logger, from.Peer, type);
            return false;
        }
        switch (message)
        {
            case HopMessage.Open open: HandleOpen(from, open, now); break;
            case HopMessage.Opened opened: HandleOpened(from, opened, now); break;
            case HopMessage.Refused refused:
                if (TryFind(from, refused.Session, out var leg) && leg is { IsOpen: false, IsOpener: true }) { Refuse(leg, refused.Reason); }
                break;
            case HopMessage.Closed closed:
                if (TryFind(from, closed.Session, out leg) && leg.IsOpen)
                {
                    Remove(leg);
                    _sessions--;
                    EndBehind(leg, closed.Reason);
                }
                break;
        }
        return true;
    }

    /// <summary>The answer to whoever is no trusted neighbour.</summary>
    public static byte[]? AnswerToStranger(ulong type, ReadOnlySpan<byte> body, out ulong answerType)
    {
        answerType = 0;
        return type == HopMessageCodec.Open && HopMessageCodec.TryRead(type, body, out var message) && message is HopMessage.Open open
            ? HopMessageCodec.Write(new HopMessage.Refused(open.Session, HopRefusal.NotNeighbour), out answerType)
            : null;
    }

    /// <summary>The neighbour to open a session through: whom the router names, if that is one and is there.</summary>
    public bool TryRoute(in HopRequest request, IReadOnlyList<NodeId> avoid, [NotNullWhen(true)] out HopNeighbour? neighbour, out NodeId aim)
    {
        (neighbour, aim) = (null, default);
        Span<NodeId> avoided = new NodeId[avoid.Count + MaxAvoided];
        for (var i = 0; i < avoid.Count; i++) { avoided[i] = avoid[i]; }
        for (var count = avoid.Count; count < avoided.Length; count++)
        {
            if (router is null || !router.TryNextHop(request, avoided[..count], out var next, out aim)) { return false; }
            if (avoided[..count].Contains(next)) { return false; }
            if (next != request.From && next != request.Origin && TryFindNeighbour(request.Self, next, out neighbour)) { return true; }
            avoided[count] = next;
        }
        return false;
    }

    private void HandleOpen(HopNeighbour from, HopMessage.Open open, TimeSpan now)
    {
        if (open.Target == from.Self && open.Origin != from.Self && HasRoom(from) && from.TryTakeOpen(now))
        {
            Accept(from, open, now);
            return;
        }
        if (Judge(from, open, now, out var next, out var aim) is { } reason)
        {
            _refused++;
            HopsLog.Refused(_logger, open.Origin, open.Target, from.Peer, reason);
            Send(from, new HopMessage.Refused(open.Session, reason));
            return;
        }
        HopsLog.Forwarding(_logger, open.Origin, open.Target, from.Peer, next!.Peer);
        var (here, there) = (AddLeg(from, open.Origin, isOpener: false, now), AddLeg(next, open.Target, isOpener: true, now));
        (here.Other, there.Other, here.OtherNumber) = (there, here, open.Session);
        _sessions++;
        _opening[(from.Self, open.Origin, open.Target)] = there;
        _pending.Enqueue((there, now + options.OpenTimeout));
        Send(next, new HopMessage.Open(there.Number, open.Origin, open.Target, aim, (byte)(open.HopsLeft - 1)));
    }

    private void Accept(HopNeighbour from, HopMessage.Open open, TimeSpan now)
    {
        var leg = AddEnd(from, open.Origin, isOpener: false, now);
        (leg.OtherNumber, leg.IsOpen) = (open.Session, true);
        Send(from, new HopMessage.Opened(leg.OtherNumber, leg.Number));
        _events.Enqueue(new HopEvent.Opened(from.Self, leg.Far, WayOf(leg)));
    }

    private HopRefusal? Judge(HopNeighbour from, HopMessage.Open open, TimeSpan now, out HopNeighbour? next, out NodeId aim)
    {
        (next, aim) = (null, default);
        if (open.Origin == from.Self || open.Origin == open.Target) { return HopRefusal.Loop; }
        if (!from.TryTakeOpen(now) || !HasRoom(from)) { return HopRefusal.Busy; }
        var request = new HopRequest(from.Self, from.Peer, open.Origin, open.Target, open.Aim);
        if (router is null || open.Target == from.Self || !router.MayForward(request)) { return HopRefusal.Policy; }
        if (_opening.TryGetValue((from.Self, open.Origin, open.Target), out var opening) && opening.Other!.Neighbour != from) { return HopRefusal.Loop; }
        if (open.HopsLeft == 0) { return HopRefusal.TooFar; }
        if (!TryRoute(request, [], out next, out aim)) { return HopRefusal.NoRoute; }
        return HasRoom(next) ? null : HopRefusal.Busy;
    }

    private void HandleOpened(HopNeighbour from, HopMessage.Opened opened, TimeSpan now)
    {
        if (!TryFind(from, opened.Session, out var leg))
        {
            Send(from, new HopMessage.Closed(opened.OtherSession, HopCloseReason.Closed)); // it has been given up meanwhile
            return;
        }
        if (leg.IsOpen || !leg.IsOpener) { return; }
        (leg.OtherNumber, leg.IsOpen, leg.LastUse) = (opened.OtherSession, true, now);
        if (leg.Other is not { } before)
        {
            _events.Enqueue(new HopEvent.Opened(from.Self, leg.Far, WayOf(leg)));
            return;
        }
        ForgetOpening(leg);
        before.IsOpen = true;
        Send(before.Neighbour, new HopMessage.Opened(before.OtherNumber, before.Number));
    }

    // There will be no session: who asked is told, a neighbour or our own node.
    private void Refuse(HopLeg leg, HopRefusal reason)
    {
        Remove(leg);
        _sessions--;
        ForgetOpening(leg);
        if (leg.Other is not { } before)
        {
            _events.Enqueue(new HopEvent.Refused(leg.Neighbour.Self, leg.Far, leg.Neighbour.Peer, reason));
            return;
        }
        Remove(before);
        _refused++;
        Send(before.Neighbour, new HopMessage.Refused(before.OtherNumber, reason));
    }

    private void ForgetOpening(HopLeg leg)
    {
        if (leg.Other is not { } before) { return; }
        var key = (leg.Neighbour.Self, before.Far, leg.Far);
        if (_opening.TryGetValue(key, out var opening) && opening == leg) { _opening.Remove(key); }
    }

    private bool TryFind(HopNeighbour from, ulong session, [NotNullWhen(true)] out HopLeg? leg) =>
        _legs.TryGetValue(session, out leg) && leg.Neighbour == from;
}
