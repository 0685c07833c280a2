using Coco.Crypto;

namespace Coco.Traversal.Relays;

/// <summary>What the relay says.</summary>
internal sealed partial class RelayClient
{
    /// <summary>One message of the control stream. Those of unknown type are skipped.</summary>
    public void HandleMessage(ulong type, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (State is RelayClientState.Closed || type < (ulong)RelayMessageType.Registered || !RelayMessageCodec.IsKnown(type)) { return; }
        if (!RelayMessageCodec.TryRead(type, body, out var message))
        {
            Break($"malformed message of type {type}");
            return;
        }
        switch (message)
        {
            case RelayMessage.Registered registered: HandleRegistered(registered); break;
            case RelayMessage.Found found: HandleFound(found); break;
            case RelayMessage.Opened opened: HandleOpened(opened); break;
            case RelayMessage.Refused refused: HandleRefused(refused); break;
            case RelayMessage.Incoming incoming: HandleIncoming(incoming); break;
            case RelayMessage.Closed closed: HandleClosed(closed); break;
            case RelayMessage.Draining draining:
                State = RelayClientState.Draining;
                Raise(new RelayClientEvent.Draining(now + draining.Remaining, draining.Others));
                break;
            case RelayMessage.Superseded:
                if (State is not RelayClientState.Draining) { State = RelayClientState.Superseded; }
                Raise(new RelayClientEvent.Superseded());
                break;
        }
    }

    private void HandleRegistered(RelayMessage.Registered message)
    {
        if (_registrationDeadline is null) { return; } // too late: the host was told that there was no answer
        _registrationDeadline = null;
        if (State is RelayClientState.Connecting) { State = RelayClientState.Registered; }
        Raise(new RelayClientEvent.Registered(message.Observed, message.Limits, message.KeepAlive, message.Url));
    }

    private void HandleFound(RelayMessage.Found message)
    {
        if (message.Request == 0)
        {
            if (message.Record?.Id == self) { Raise(new RelayClientEvent.RecordOutdated(message.Record)); }
            return;
        }
        if (!TryAnswer(message.Request, isOpen: false, out var request)) { return; }
        // A relay that answers with somebody else's record has none.
        var record = message.Record?.Id == request.Target ? message.Record : null;
        Raise(new RelayClientEvent.Resolved(message.Request, request.Target, record));
    }

    private void HandleOpened(RelayMessage.Opened message)
    {
        var isKnown = _sessions.TryGetValue(message.Session, out var peer);
        if (!TryAnswer(message.Request, isOpen: true, out var request))
        {
            if (!isKnown) { End(message.Session); } // we gave up waiting: nobody will use it
            return;
        }
        if (isKnown && peer != request.Target)
        {
            Break($"session of {peer} given for {request.Target}");
            return;
        }
        if (!isKnown && !TryAdd(message.Session, request.Target))
        {
            End(message.Session);
            Raise(new RelayClientEvent.OpenRefused(message.Request, request.Target, RelayRefusal.Busy));
            return;
        }
        Raise(new RelayClientEvent.Opened(message.Request, message.Session, request.Target));
    }

    private void HandleRefused(RelayMessage.Refused message)
    {
        var reason = message.Reason is >= RelayRefusal.NotRegistered and <= RelayRefusal.Policy ? message.Reason : RelayRefusal.Busy;
        if (message.Request != 0)
        {
            Fail(message.Request, reason);
            return;
        }
        if (_registrationDeadline is null) { return; }
        _registrationDeadline = null;
        if (State is RelayClientState.Connecting) { State = RelayClientState.Unregistered; }
        Raise(new RelayClientEvent.RegistrationRefused(reason));
    }

    private void HandleIncoming(RelayMessage.Incoming message)
    {
        if (_sessions.TryGetValue(message.Session, out var peer))
        {
            if (peer != message.Caller) { Break($"session of {peer} given for {message.Caller}"); }
            return;
        }
        if (TryAdd(message.Session, message.Caller)) { Raise(new RelayClientEvent.Incoming(message.Session, message.Caller)); }
        else { End(message.Session); }
    }

    private void HandleClosed(RelayMessage.Closed message)
    {
        _unannounced.Remove(message.Session);
        Remember(message.Session);
        if (_sessions.Remove(message.Session, out var peer)) { Raise(new RelayClientEvent.SessionClosed(message.Session, peer, message.Reason)); }
    }

    private bool TryAdd(ulong session, NodeId peer)
    {
        _unannounced.Remove(session);
        return _sessions.Count < options.MaxSessions && _sessions.TryAdd(session, peer);
    }

    private bool TryAnswer(ulong number, bool isOpen, out RelayRequest request)
    {
        if (!_requests.TryGetValue(number, out request) || request.IsOpen != isOpen) { return false; }
        _requests.Remove(number);
        TrimRequests();
        return true;
    }

    private void Fail(ulong number, RelayRefusal reason)
    {
        if (!_requests.Remove(number, out var request)) { return; }
        TrimRequests();
        Raise(Failure(number, request, reason));
    }

    // The one at the front is always one that waits, so that its deadline is ours.
    private void TrimRequests()
    {
        while (_requestOrder.TryPeek(out var oldest) && !_requests.ContainsKey(oldest)) { _requestOrder.Dequeue(); }
    }

    private static RelayClientEvent Failure(ulong number, in RelayRequest request, RelayRefusal reason) => request.IsOpen
        ? new RelayClientEvent.OpenRefused(number, request.Target, reason)
        : new RelayClientEvent.Resolved(number, request.Target, null) { MayAskAgain = reason is RelayRefusal.Busy or RelayRefusal.Quota };

    private void Send(RelayMessage message)
    {
        if (State is RelayClientState.Closed) { return; }
        if (_messages.Count >= options.MaxQueued)
        {
            Break("it does not read");
            return;
        }
        _messages.Enqueue(new(message.Type, RelayMessageCodec.Write(message)));
    }

    private void Raise(RelayClientEvent e)
    {
        if (State is not RelayClientState.Closed && _events.Count >= options.MaxQueued) { Break("it says too much"); }
        if (State is not RelayClientState.Closed) { _events.Enqueue(e); }
    }

    private void Break(string reason)
    {
        if (State is RelayClientState.Closed) { return; }
        _events.Enqueue(new RelayClientEvent.Failed(reason));
        HandleDisconnected();
    }
}
