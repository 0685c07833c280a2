using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Quic.Streams;
using Coco.Traversal.Hops;
using Coco.Traversal.Records;

namespace Coco.Traversal.Roaming;

/// <summary>
/// A connection to a node that finds its own way: opened over whatever answers first, and moved to better ways while it lives. What
/// applications send goes through <see cref="Quic"/>; stream 0 is the connection's own.
/// </summary>
internal sealed partial class RoamingConnection : QuicUser
{
    private const int MaxEventsBeforeHello = 1024; // chosen: what a caller may have sent ahead of a hello that was lost; nobody takes them until then

    private readonly RoamingEndpoint _endpoint;
    private Queue<RoamingEvent>? _events; // while some wait
    private Queue<StreamEvent>? _streamEvents;
    private ControlStream? _control;
    private TimeSpan? _maxKeepAlive;
    private TimeSpan _helloBy = TimeSpan.MaxValue; // the caller has kept this connection or taken it back by then

    /// <summary>A call of ours.</summary>
    public RoamingConnection(RoamingEndpoint endpoint, RoamingTarget target, LocalNode node)
    {
        (_endpoint, _target, Node, IsCaller, PeerId) = (endpoint, target, node, true, target.Peer);
        _dialer = new(endpoint, this, target.Peer, node.Identity, RoamingOptions.PeerProtocol);
    }

    /// <summary>A call of a peer's, whose handshake is complete.</summary>
    public RoamingConnection(RoamingEndpoint endpoint, QuicConnection quic, LocalNode node, TimeSpan now)
    {
        _helloBy = now + endpoint.Options.HelloTimeout;
        (_endpoint, Node, PeerId, Quic, _control) = (endpoint, node, quic.PeerId, quic, new(quic));
        quic.Tag = this;
    }

    /// <summary>Streams and datagrams; null until a way to the peer has answered. Stream 0 is not the application's.</summary>
    public QuicConnection? Quic { get; private set; }

    /// <summary>As which of our nodes we call, or have been called.</summary>
    public LocalNode Node { get; }

    /// <summary>Whether this side made the call.</summary>
    public bool IsCaller { get; }

    /// <summary>The peer's identity: whom we call, or who has proved to call us.</summary>
    public NodeId PeerId { get; }

    public RoamingState State { get; private set; }

    /// <summary>Why the connection ended; null while it has not.</summary>
    public CloseReason? CloseReason { get; private set; }

    /// <summary>The newest record that the peer gave of itself; null before it gave one.</summary>
    public AddressRecord? PeerRecord { get; private set; }

    /// <summary>What the host ties to this connection.</summary>
    public object? Tag { get; set; }

    /// <summary>Whether it waits in the endpoint's queue of connections with news.</summary>
    internal bool IsReady { get; set; }

    public override TimeSpan Deadline
    {
        get
        {
            var deadline = _helloBy < DialDeadline ? _helloBy : DialDeadline;
            if (_flowCheckAt < deadline) { deadline = _flowCheckAt; }
            if (_followAt < deadline) { deadline = _followAt; }
            if (MeshDeadline < deadline) { deadline = MeshDeadline; }
            return _finder?.Deadline is { } finder && finder < deadline ? finder : deadline;
        }
    }

    public bool TryTakeEvent(out RoamingEvent roamingEvent) => _endpoint.Events.TryTake(ref _events, out roamingEvent);

    /// <summary>The next event of a stream of the application's.</summary>
    public bool TryTakeStreamEvent(out StreamEvent streamEvent) => _endpoint.StreamEvents.TryTake(ref _streamEvents, out streamEvent);

    /// <summary>Ends the connection.</summary>
    /// <param name="code">The application's error code, 0 for none.</param>
    /// <param name="reason">For people.</param>
    /// <param name="now">The time.</param>
    public void Close(ulong code, string reason, TimeSpan now)
    {
        if (State is RoamingState.Closed) { return; }
        StopDialing(now);
        Quic?.Close(code, reason, now);
        End(new(CloseKind.LocalApplication, code, 0, reason), now);
    }

    public override void HandleReady(QuicConnection quic, TimeSpan now)
    {
        if (quic != Quic)
        {
            HandleAttempt(quic, now);
            return;
        }
        while (quic.TryTakeEvent(out var quicEvent)) { HandleQuicEvent(quicEvent, now); }
        if (State is RoamingState.Closed) { return; }
        if (TakeStreamEvents(quic)) { WatchFlow(now); }
        HandleControl(now);
        if (State is RoamingState.Connecting && _streamEvents?.Count > MaxEventsBeforeHello) { EndForBreach("The caller did much, but did not say hello.", now); }
        if (State is RoamingState.Closed) { return; }
        WatchHealth(quic, now);
        if (_hasFinderNews) { PumpFinder(now); }
    }

    public override void HandleTimeout(TimeSpan now)
    {
        HandleDialTimeout(now);
        if (now >= _helloBy) { EndForBreach("The caller did not say hello in time.", now); }
        CheckFlow(now);
        if (now >= _followAt) { FollowRecord(now); }
        HandleMeshTimeout(now);
        if (_finder is null) { return; }
        _finder.HandleTimeout(now);
        PumpFinder(now);
    }

    private void HandleQuicEvent(in ConnectionEvent quicEvent, TimeSpan now)
    {
        switch (quicEvent.Kind)
        {
            case ConnectionEventKind.PathChanged or ConnectionEventKind.PathValidated or ConnectionEventKind.PathFailed:
                HandlePathEvent(quicEvent, now);
                break;
            case ConnectionEventKind.Confirmed:
                _hasFinderNews = true; // only now can anything be validated or moved
                break;
            case ConnectionEventKind.DatagramReceived: Raise(RoamingEventKind.DatagramReceived); break;
            case ConnectionEventKind.DatagramAcknowledged: Raise(RoamingEventKind.DatagramAcknowledged, quicEvent.Value); break;
            case ConnectionEventKind.DatagramLost: Raise(RoamingEventKind.DatagramLost, quicEvent.Value); break;
            case ConnectionEventKind.Closed: End(Quic!.CloseReason!, now); break;
        }
    }

    /// <summary>Whether data of the application's has come.</summary>
    private bool TakeStreamEvents(QuicConnection quic)
    {
        var (any, hasData) = (false, false);
        while (quic.TryTakeStreamEvent(out var streamEvent))
        {
            if (streamEvent.Id == ControlStream.Id)
            {
                if (streamEvent.Kind is StreamEventKind.Opened) { _control!.HandleOpened(); }
                else if (streamEvent.Kind is StreamEventKind.Writable) { _control!.Flush(); }
                continue;
            }
            _endpoint.StreamEvents.Enqueue(ref _streamEvents, streamEvent);
            any = true;
            hasData |= streamEvent.Kind is StreamEventKind.Opened or StreamEventKind.Readable;
        }
        if (any && State is RoamingState.Connected) { _endpoint.MarkReady(this); }
        return hasData;
    }

    private void HandleControl(TimeSpan now)
    {
        while (State is not RoamingState.Closed && _control!.TryTake(out var type, out var body))
        {
            switch (type)
            {
                case ControlMessage.Hello: HandleHello(now); break;
                case ControlMessage.Record: HandleRecord(body, now); break;
                case >= HopMessageCodec.Open and <= HopMessageCodec.Closed: HandleHopMessage(type, body, now); break;
                default: HandleSignal(type, body, now); break;
            }
        }
        if (_control!.IsBroken) { EndForBreach("The control stream was ended or malformed.", now); }
    }

    /// <summary>The peer does not keep to the protocol.</summary>
    private void EndForBreach(string reason, TimeSpan now)
    {
        if (State is RoamingState.Closed) { return; }
        Quic!.Close(ControlMessage.ProtocolError, reason, now);
        End(new(CloseKind.LocalTransport, ControlMessage.ProtocolError, 0, reason), now);
    }

    // Of several calls that reach us over several ways, the peer keeps one: it says hello there.
    private void HandleHello(TimeSpan now)
    {
        if (IsCaller || State is not RoamingState.Connecting) { return; }
        State = RoamingState.Connected;
        _helloBy = TimeSpan.MaxValue;
        _endpoint.Accept(this);
        SendRecord();
        UpdateNeighbour();
        BeginFinding(now);
        if (_streamEvents is not null) { _endpoint.MarkReady(this); }
    }

    private void HandleRecord(ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (!AddressRecord.TryRead(body, out var record) || record!.Id != PeerId || !record.IsNewerThan(PeerRecord)) { return; }
        PeerRecord = record;
        Raise(RoamingEventKind.RecordReceived);
        FollowRecord(now);
    }

    /// <summary>Tells the peer where we can be found next time.</summary>
    internal void SendRecord()
    {
        if (State is RoamingState.Connected && Node.Record is { } record) { _control!.Send(ControlMessage.Record, record.Encoded.Span); }
    }

    private void End(CloseReason reason, TimeSpan now)
    {
        if (State is RoamingState.Closed) { return; }
        var wasKnown = State is RoamingState.Connected || IsCaller;
        State = RoamingState.Closed;
        (_helloBy, _flowCheckAt, _followAt) = (TimeSpan.MaxValue, TimeSpan.MaxValue, TimeSpan.MaxValue);
        CloseReason = reason;
        EndFinding(now);
        ReleaseRelays(now);
        EndMesh();
        _endpoint.Forget(this);
        if (wasKnown) { Raise(RoamingEventKind.Closed); }
    }

    private void Raise(RoamingEventKind kind, ulong value = 0)
    {
        _endpoint.Events.Enqueue(ref _events, new(kind, value));
        if (State is not RoamingState.Connecting) { _endpoint.MarkReady(this); }
    }
}
