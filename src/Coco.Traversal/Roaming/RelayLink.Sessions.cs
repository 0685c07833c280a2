using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Quic.Streams;
using Coco.Traversal.Links;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Roaming;

/// <summary>Sessions and messages over the control connection.</summary>
internal sealed partial class RelayLink
{
    private void MoveTo(in Link link, TimeSpan now)
    {
        if (link == Link) { return; }
        var sessions = Client!.Sessions.ToArray();
        _endpoint.HandleRelayDown(this);
        foreach (var (session, peer) in sessions) { _endpoint.HandleSessionClosed(this, new(Link, session), peer, now); }
        Link = link;
        _endpoint.HandleRelayUp(this);
        foreach (var (session, peer) in sessions) { _endpoint.HandleSessionOpened(this, new(Link, session), peer, now); }
    }

    private void TakeStreams(QuicConnection quic, TimeSpan now)
    {
        while (quic.TryTakeStreamEvent(out var streamEvent))
        {
            if (streamEvent.Id == ControlStream.Id && streamEvent.Kind is StreamEventKind.Writable) { _control!.Flush(); }
            else if (streamEvent.Kind is StreamEventKind.Opened) { quic.StopSending(streamEvent.Id, ControlMessage.ProtocolError); }
        }
        while (_control!.TryTake(out var type, out var body)) { Client!.HandleMessage(type, body, now); }
        if (_control.IsBroken) { quic.Close(ControlMessage.ProtocolError, "The control stream was ended or malformed.", now); }
    }

    private void Pump(TimeSpan now)
    {
        if (Client is { } client)
        {
            TakeEvents(client, now);
            OpenSessions(now);
            while (Client == client && client.TryTakeMessage(out var type, out var body)) { _control!.Send(type, body.Span); }
        }
        _endpoint.SetTimer(this);
    }

    /// <summary>Asks where a peer is that is not registered here; the answer is for whoever calls it then.</summary>
    public void Resolve(NodeId peer, TimeSpan now)
    {
        Client?.Resolve(peer, now); // sent with what else there is to be said, once the refusal has been dealt with
    }

    private void OpenSessions(TimeSpan now)
    {
        while (_toOpen.TryPeek(out var user))
        {
            if (_users.Contains(user) && Client?.Open(user.PeerId, now) is not > 0) { return; }
            _toOpen.Dequeue();
        }
    }

    private void TakeEvents(RelayClient client, TimeSpan now)
    {
        while (client.TryTakeEvent(out var happened))
        {
            switch (happened)
            {
                case RelayClientEvent.Opened opened: _endpoint.HandleSessionOpened(this, new(Link, opened.Session), opened.Peer, now); break;
                case RelayClientEvent.Incoming incoming: _endpoint.HandleSessionOpened(this, new(Link, incoming.Session), incoming.Peer, now); break;
                case RelayClientEvent.SessionClosed closed: HandleSessionClosed(client, closed, now); break;
                case RelayClientEvent.OpenRefused refused: RefuseUsers(client, refused.Peer, refused.Reason, now); break;
                case RelayClientEvent.Resolved { Record: { } record }: _endpoint.HandleResolved(this, record, now); break;
                case RelayClientEvent.Resolved { MayAskAgain: true } unknown: _endpoint.HandleNotResolved(this, unknown.Target); break;
                case RelayClientEvent.Registered registered:
                    _endpoint.HandleObserved(Link, registered.Observed, now);
                    Node.HandleRegistered(this, registered, now);
                    break;
                case RelayClientEvent.RegistrationRefused refused: Node.HandleRegistrationRefused(this, refused.Reason, now); break;
                case RelayClientEvent.RecordOutdated outdated: Node.HandleRecordOutdated(outdated.Newest, now); break;
                case RelayClientEvent.Draining draining: Node.HandleDraining(this, draining.Deadline, draining.Others, now); break;
                case RelayClientEvent.Superseded: Node.HandleSuperseded(this, now); break;
                case RelayClientEvent.Failed failed: _quic?.Close(ControlMessage.ProtocolError, failed.Reason, now); break;
            }
        }
    }

    private void HandleSessionClosed(RelayClient client, RelayClientEvent.SessionClosed closed, TimeSpan now)
    {
        _endpoint.HandleSessionClosed(this, new(Link, closed.Session), closed.Peer, now);
        RefuseUsers(client, closed.Peer, RelayRefusal.NotRegistered, now);
    }

    // When the connection has ended, nothing is refused: it is made anew, and the relay asked again.
    private void RefuseUsers(RelayClient client, NodeId peer, RelayRefusal reason, TimeSpan now)
    {
        if (Client != client) { return; }
        foreach (var user in _users.Where(user => user.PeerId == peer).ToArray()) { user.HandleRelayRefused(this, reason, now); }
    }
}
