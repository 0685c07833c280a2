using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Quic.Streams;

namespace Coco.Traversal.Roaming;

/// <summary>
/// A connection to a node that finds its own way: opened over whatever answers first, and moved to better ways while it lives. What
/// applications send goes through <see cref="Quic"/>; stream 0 is the connection's own.
/// </summary>
internal sealed partial class RoamingConnection : QuicUser, ITimed
{
    private readonly RoamingEndpoint _endpoint;
    private readonly Queue<RoamingEvent> _events = new(1);
    private Queue<StreamEvent>? _streamEvents;
    private ControlStream? _control;

    /// <summary>A call of ours.</summary>
    public RoamingConnection(RoamingEndpoint endpoint, RoamingTarget target)
    {
        _endpoint = endpoint;
        _target = target;
        IsCaller = true;
        PeerId = target.Peer;
    }

    /// <summary>A call of a peer's, whose handshake is complete.</summary>
    public RoamingConnection(RoamingEndpoint endpoint, QuicConnection quic)
    {
        _endpoint = endpoint;
        PeerId = quic.PeerId;
        Quic = quic;
        quic.Tag = this;
        _control = new(quic);
    }

    /// <summary>Streams and datagrams; null until a way to the peer has answered. Stream 0 is not the application's.</summary>
    public QuicConnection? Quic { get; private set; }

    /// <summary>Whether this side made the call.</summary>
    public bool IsCaller { get; }

    /// <summary>The peer's identity: whom we call, or who has proved to call us.</summary>
    public NodeId PeerId { get; }

    public RoamingState State { get; private set; }

    /// <summary>Why the connection ended; null while it has not.</summary>
    public CloseReason? CloseReason { get; private set; }

    /// <summary>What the host ties to this connection.</summary>
    public object? Tag { get; set; }

    int ITimed.TimerIndex { get; set; } = -1;

    long ITimed.TimerDeadline { get; set; }

    /// <summary>Whether it waits in the endpoint's queue of connections with news.</summary>
    internal bool IsReady { get; set; }

    public bool TryTakeEvent(out RoamingEvent roamingEvent) => _events.TryDequeue(out roamingEvent);

    /// <summary>The next event of a stream of the application's.</summary>
    public bool TryTakeStreamEvent(out StreamEvent streamEvent)
    {
        streamEvent = default;
        if (_streamEvents is null) { return false; }
        if (_streamEvents.TryDequeue(out streamEvent)) { return true; }
        _streamEvents = null; // an idle connection holds no queue
        return false;
    }

    /// <summary>Ends the connection.</summary>
    /// <param name="code">The application's error code, 0 for none.</param>
    /// <param name="reason">For people.</param>
    /// <param name="now">The time.</param>
    public void Close(ulong code, string reason, TimeSpan now)
    {
        if (State is RoamingState.Closed) { return; }
        StopDialing(now);
        Quic?.Close(code, reason, now);
        End(new(CloseKind.LocalApplication, code, 0, reason));
    }

    /// <summary>Adds the numbers of all paths in use here.</summary>
    internal void AddPathsTo(HashSet<int> inUse)
    {
        if (Quic is { } quic) { Add(quic); }
        foreach (var attempt in _attempts ?? []) { Add(attempt); }

        void Add(QuicConnection connection)
        {
            foreach (var path in connection.Paths) { inUse.Add(path.Value); }
        }
    }

    public override void HandleReady(QuicConnection quic, TimeSpan now)
    {
        if (quic != Quic)
        {
            HandleAttempt(quic, now);
            return;
        }
        while (quic.TryTakeEvent(out var quicEvent)) { HandleQuicEvent(quicEvent); }
        if (State is RoamingState.Closed) { return; }
        TakeStreamEvents(quic);
        HandleControl(now);
    }

    private void HandleQuicEvent(in ConnectionEvent quicEvent)
    {
        switch (quicEvent.Kind)
        {
            case ConnectionEventKind.PathChanged: Raise(RoamingEventKind.PathChanged); break;
            case ConnectionEventKind.DatagramReceived: Raise(RoamingEventKind.DatagramReceived); break;
            case ConnectionEventKind.DatagramAcknowledged: Raise(RoamingEventKind.DatagramAcknowledged, quicEvent.Value); break;
            case ConnectionEventKind.DatagramLost: Raise(RoamingEventKind.DatagramLost, quicEvent.Value); break;
            case ConnectionEventKind.Closed: End(Quic!.CloseReason!); break;
        }
    }

    private void TakeStreamEvents(QuicConnection quic)
    {
        var any = false;
        while (quic.TryTakeStreamEvent(out var streamEvent))
        {
            if (streamEvent.Id == ControlStream.Id)
            {
                if (streamEvent.Kind is StreamEventKind.Opened) { _control!.HandleOpened(); }
                else if (streamEvent.Kind is StreamEventKind.Writable) { _control!.Flush(); }
                continue;
            }
            (_streamEvents ??= new()).Enqueue(streamEvent);
            any = true;
        }
        if (any && State is RoamingState.Connected) { _endpoint.MarkReady(this); }
    }

    private void HandleControl(TimeSpan now)
    {
        while (_control!.TryTake(out var type, out var body))
        {
            if (type == ControlMessage.Hello) { HandleHello(); }
        }
        if (!_control.IsBroken || State is RoamingState.Closed) { return; }
        Quic!.Close(ControlMessage.ProtocolError, "The control stream was ended or malformed.", now);
        End(new(CloseKind.LocalTransport, ControlMessage.ProtocolError, 0, "The peer ended the control stream or broke its framing."));
    }

    // Of several calls that reach us over several ways, the peer keeps one: it says hello there.
    private void HandleHello()
    {
        if (IsCaller || State is not RoamingState.Connecting) { return; }
        State = RoamingState.Connected;
        _endpoint.Accept(this);
        if (_streamEvents is not null) { _endpoint.MarkReady(this); }
    }

    private void End(CloseReason reason)
    {
        if (State is RoamingState.Closed) { return; }
        State = RoamingState.Closed;
        CloseReason = reason;
        _endpoint.Forget(this);
        Raise(RoamingEventKind.Closed);
    }

    private void Raise(RoamingEventKind kind, ulong value = 0)
    {
        _events.Enqueue(new(kind, value));
        _endpoint.MarkReady(this);
    }
}
