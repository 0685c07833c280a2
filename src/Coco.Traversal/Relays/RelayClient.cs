using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Traversal.Records;

namespace Coco.Traversal.Relays;

/// <summary>
/// A node's end of one control connection to a relay: it registers, calls, is called, and knows whose a session number is. It trusts the
/// relay with nothing but to deliver; whatever the relay says about who is there is proved or not by the peers' own handshake.
/// </summary>
internal sealed partial class RelayClient(NodeId self, RelayClientOptions options)
{
    // Sessions that ended, so that datagrams still under way do not pass for a new one. A chosen number: the longest burst of ends that
    // seems likely.
    private const int MaxEnded = 256;

    private readonly Dictionary<ulong, NodeId> _sessions = [];
    private readonly HashSet<ulong> _unannounced = [];
    private readonly HashSet<ulong> _ended = [];
    private readonly Queue<ulong> _endedOrder = [];
    private readonly Dictionary<ulong, RelayRequest> _requests = [];
    private readonly Queue<ulong> _requestOrder = [];
    private readonly Queue<RelayMessageBody> _messages = [];
    private readonly Queue<RelayClientEvent> _events = [];
    private TimeSpan? _registrationDeadline;
    private TimeSpan? _unannouncedDeadline;
    private ulong _lastRequest;

    public RelayClientState State { get; private set; } = RelayClientState.Unregistered;

    /// <summary>Sessions with a known peer.</summary>
    public IReadOnlyDictionary<ulong, NodeId> Sessions => _sessions;

    /// <summary>When <see cref="HandleTimeout"/> is due.</summary>
    public TimeSpan? Deadline
    {
        get
        {
            TimeSpan? requestDeadline = _requestOrder.TryPeek(out var request) ? _requests[request].Deadline : null;
            return Earliest(Earliest(_registrationDeadline, requestDeadline), _unannouncedDeadline);
        }
    }

    /// <summary>Asks to be reachable at the relay, or to be so with another preference.</summary>
    public void Register(RelayPreference preference, AddressRecord? record, TimeSpan now)
    {
        if (State is RelayClientState.Closed) { return; }
        if (State is not RelayClientState.Draining) { State = RelayClientState.Connecting; }
        _registrationDeadline = now + options.RequestTimeout;
        Send(new RelayMessage.Register(preference, record));
    }

    /// <summary>Replaces the record that the relay keeps of us.</summary>
    public void Publish(AddressRecord record) => Send(new RelayMessage.Publish(record));

    /// <summary>Asks for a node's record. The answer is <see cref="RelayClientEvent.Resolved"/> under the number returned; 0 when too many
    /// requests wait already.</summary>
    public ulong Resolve(NodeId target, TimeSpan now) => Request(target, isOpen: false, now);

    /// <summary>Asks for a session. The answer is <see cref="RelayClientEvent.Opened"/> or <see cref="RelayClientEvent.OpenRefused"/> under
    /// the number returned; 0 when too many requests wait already.</summary>
    public ulong Open(NodeId target, TimeSpan now) => Request(target, isOpen: true, now);

    /// <summary>Ends a session.</summary>
    public void Close(ulong session)
    {
        if (_sessions.Remove(session)) { End(session); }
    }

    /// <summary>Whether a relayed datagram with this number is to be taken. The word of a session comes on a stream and its first datagrams
    /// may overtake it, so a few numbers not yet heard of are taken too.</summary>
    public bool TryAccept(ulong session, TimeSpan now)
    {
        if (_sessions.ContainsKey(session)) { return true; }
        if (State is RelayClientState.Closed || session == 0 || _ended.Contains(session)) { return false; }
        if (_unannounced.Contains(session)) { return true; }
        if (_unannounced.Count >= options.MaxUnannounced) { return false; }
        _unannounced.Add(session);
        _unannouncedDeadline ??= now + options.UnannouncedLifetime;
        return true;
    }

    /// <summary>The control connection ended: so did all that depends on it.</summary>
    public void HandleDisconnected()
    {
        if (State is RelayClientState.Closed) { return; }
        if (_registrationDeadline is not null) { _events.Enqueue(new RelayClientEvent.RegistrationRefused(RelayRefusal.NoAnswer)); }
        foreach (var (number, request) in _requests) { _events.Enqueue(Failure(number, request, RelayRefusal.NoAnswer)); }
        foreach (var (session, peer) in _sessions) { _events.Enqueue(new RelayClientEvent.SessionClosed(session, peer, RelayCloseReason.RelayGone)); }
        State = RelayClientState.Closed;
        (_registrationDeadline, _unannouncedDeadline) = (null, null);
        _requests.Clear();
        _requestOrder.Clear();
        _sessions.Clear();
        _unannounced.Clear();
        _messages.Clear();
    }

    public void HandleTimeout(TimeSpan now)
    {
        if (_registrationDeadline <= now)
        {
            _registrationDeadline = null;
            if (State is RelayClientState.Connecting) { State = RelayClientState.Unregistered; }
            Raise(new RelayClientEvent.RegistrationRefused(RelayRefusal.NoAnswer));
        }
        while (_requestOrder.TryPeek(out var request) && _requests[request].Deadline <= now) { Fail(request, RelayRefusal.NoAnswer); }
        if (_unannouncedDeadline <= now)
        {
            // Those that still send come back with their next datagram.
            _unannouncedDeadline = null;
            _unannounced.Clear();
        }
    }

    /// <summary>Takes a message for the control stream.</summary>
    public bool TryTakeMessage(out ulong type, out ReadOnlyMemory<byte> body)
    {
        var taken = _messages.TryDequeue(out var message);
        (type, body) = ((ulong)message.Type, message.Bytes);
        return taken;
    }

    public bool TryTakeEvent([NotNullWhen(true)] out RelayClientEvent? e) => _events.TryDequeue(out e);

    private ulong Request(NodeId target, bool isOpen, TimeSpan now)
    {
        if (State is RelayClientState.Closed || _requests.Count >= options.MaxRequests) { return 0; }
        var request = ++_lastRequest;
        _requests.Add(request, new(target, isOpen, now + options.RequestTimeout));
        _requestOrder.Enqueue(request);
        Send(isOpen ? new RelayMessage.Open(request, target) : new RelayMessage.Resolve(request, target));
        return request;
    }

    private void End(ulong session)
    {
        Remember(session);
        Send(new RelayMessage.Close(session));
    }

    private void Remember(ulong endedSession)
    {
        if (!_ended.Add(endedSession)) { return; }
        _endedOrder.Enqueue(endedSession);
        if (_endedOrder.Count > MaxEnded) { _ended.Remove(_endedOrder.Dequeue()); }
    }

    private static TimeSpan? Earliest(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;
}
