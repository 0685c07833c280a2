using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Traversal.Links;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Roaming;

/// <summary>
/// One of our nodes' connection to one relay: dialled over UDP, and over TCP and WebSocket where UDP does not answer at once; kept while
/// the relay is a home or connections need sessions there, and made anew when it dies.
/// </summary>
internal sealed partial class RelayLink : QuicUser
{
    private static readonly TimeSpan ReliableDelay = TimeSpan.FromMilliseconds(500); // chosen: UDP first, it makes the better path
    private static readonly TimeSpan UnusedLifetime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SpareTime = TimeSpan.FromMilliseconds(100); // chosen: what a relay that was busy answers at once comes within that
    private static readonly TimeSpan FirstHedge = TimeSpan.FromSeconds(1.5); // chosen: TCP itself waits up to half of an outage before it tries again
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SilentTime = TimeSpan.FromSeconds(1); // chosen: ten times what a busy relay is forgiven
    private const int DeadAfterTimeouts = 2; // probe timeouts in a row: three PTO after what was not acknowledged

    private readonly RoamingEndpoint _endpoint;
    private readonly HashSet<RoamingConnection> _users = [];
    private readonly Queue<RoamingConnection> _toOpen = new(); // users for whom the relay is still to be asked: so many at once, and it has to answer
    private Dialer? _dialer;
    private ControlStream? _control;
    private QuicConnection? _quic;
    private TimeSpan _reliableAt = TimeSpan.MaxValue;
    private TimeSpan _retryAt = TimeSpan.MaxValue;
    private TimeSpan _hedgeAt = TimeSpan.MaxValue; // a link that is being opened still is not, and another is tried beside it
    private TimeSpan _silentAt = TimeSpan.MaxValue; // a relay that is still silent then is no home, if another of ours answers
    private TimeSpan _dialedAt;
    private QuicConnection? _spare; // that has answered, and takes the place of ours unless that has only been slow
    private TimeSpan _spareUntil = TimeSpan.MaxValue;
    private TimeSpan _unusedSince;
    private int _failures;
    private int _seenTimeouts;
    private bool _hasBeenUp;
    private bool _hasBeenUpByUdp; // when last up
    private TimeSpan _rtt;

    public RelayLink(RoamingEndpoint endpoint, LocalNode node, RelayInfo info, TimeSpan now)
    {
        (_endpoint, Node, Info, _unusedSince) = (endpoint, node, info, now);
    }

    public LocalNode Node { get; }

    public RelayInfo Info { get; private set; }

    /// <summary>The sessions and requests; null while there is no connection.</summary>
    public RelayClient? Client { get; private set; }

    /// <summary>Where the relay's datagrams come from and go to; meaningless while there is no connection.</summary>
    public Link Link { get; private set; }

    /// <summary>Whether it is over and forgotten.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether the control connection stands.</summary>
    public bool IsUp => Client is not null;

    /// <summary>Whether the node is, or wants to be, registered here.</summary>
    public bool IsHome { get; private set; }

    /// <summary>The round-trip time to the relay; zero when it has not been measured.</summary>
    public TimeSpan Rtt => _quic?.Statistics.SmoothedRtt ?? TimeSpan.Zero;

    public override TimeSpan Deadline
    {
        get
        {
            var deadline = Min(Min(_spareUntil, _hedgeAt), Min(Min(_reliableAt, _silentAt), _retryAt));
            if (_dialer is not null) { deadline = Min(deadline, _dialer.Deadline); }
            if (Client?.Deadline is { } client) { deadline = Min(deadline, client); }
            return IsUnused ? Min(deadline, _unusedSince + UnusedLifetime) : deadline;
        }
    }

    /// <summary>Whether the relay has a session open between the peer and us.</summary>
    public bool HasSessionWith(NodeId peer) => Client?.Sessions.Values.Contains(peer) == true;

    /// <summary>Whether nothing that was sent to the relay waits for an answer.</summary>
    public bool IsAnswering => IsUp && _quic is { HasInFlight: false, ProbeTimeouts: 0 };

    private bool IsUnused => !IsHome && _users.Count == 0;

    /// <summary>Asks for a session with the connection's peer, now or as soon as the relay is reached.</summary>
    public void Want(RoamingConnection user, TimeSpan now)
    {
        if (!_users.Add(user)) { return; }
        _toOpen.Enqueue(user);
        if (IsUp) { Pump(now); }
        else { Dial(now); }
    }

    /// <summary>Asks once more, after a refusal.</summary>
    public void WantAgain(RoamingConnection user, TimeSpan now)
    {
        if (!_users.Contains(user)) { return; }
        _toOpen.Enqueue(user); // a link that comes up asks for all of them anyway
        if (IsUp) { Pump(now); }
    }

    /// <summary>A connection has a way through here, whoever asked for it: the link stays, and is made anew, for as long as it lives.</summary>
    public void Use(RoamingConnection user) => _users.Add(user);

    public void Release(RoamingConnection user, TimeSpan now)
    {
        if (_users.Remove(user) && _users.Count == 0) { _unusedSince = now; }
        _endpoint.SetTimer(this);
    }

    /// <summary>Makes the control connection, to be registered here.</summary>
    public void ConnectAsHome(TimeSpan now)
    {
        IsHome = true;
        if (IsUp) { Node.HandleRelayUp(this, now); }
        else { Dial(now); }
    }

    public void Register(RelayPreference preference, TimeSpan now)
    {
        IsHome = true;
        if (Client is not { } client)
        {
            Dial(now); // when it stands, the node is told and says so again
            return;
        }
        client.Register(preference, Node.Record, now);
        Pump(now);
    }

    public void ReleaseAsHome(TimeSpan now)
    {
        if (!IsHome) { return; } // one that nobody uses and that fails again is not used by that
        IsHome = false;
        _unusedSince = now;
        _endpoint.SetTimer(this);
    }

    /// <summary>The relay is elsewhere: it is looked for there the next time.</summary>
    public void Relocate(RelayInfo info) => Info = info;

    /// <summary>Ends the connection at once where no connection to a peer goes this way just now.</summary>
    public void Leave(TimeSpan now)
    {
        foreach (var user in _users.ToArray()) { user.Leave(this, now); }
        if (IsUnused) { Close(now); }
    }

    /// <summary>Sends the node's newest record.</summary>
    public void Publish(TimeSpan now)
    {
        if (Node.Record is not { } record || Client is not { State: RelayClientState.Registered } client) { return; }
        client.Publish(record);
        Pump(now);
    }

    /// <summary>What keeps paths to peers open keeps this one: behind a NAT that forgets sooner than relays expect, callers would not get through.
    /// Never more seldom than connections are by default, over TCP and WebSocket either: proxies on the way forget after a minute, and while a
    /// relay that died is not noticed nobody reaches us there.</summary>
    public void UpdateKeepAlive()
    {
        if (_quic is not null) { _quic.KeepAlive = Min(_endpoint.Options.Connection.KeepAlive, _endpoint.Situation.KeepAlive); }
    }

    /// <summary>The host has other addresses or routes: shows the relay where we are, and finds out whether it still hears us.</summary>
    public void HandleNetworkChanged(TimeSpan now)
    {
        _failures = 0;
        if (_quic is not null)
        {
            _quic.Ping();
            _quic.HandlePathAlive(now);
        }
        else if (_dialer is null && !IsUnused) { Dial(now); }
    }

    /// <summary>Finds out whether the relay still hears us, where nothing is under way that would tell.</summary>
    public void CheckAlive()
    {
        if (_quic is { HasInFlight: false } quic) { quic.Ping(); }
    }

    /// <summary>Asks for another session with a peer, which may have come back to the relay by another link.</summary>
    public void Reopen(NodeId peer, TimeSpan now)
    {
        if (!IsUp) { return; }
        Client!.Open(peer, now);
        Pump(now);
    }

    /// <summary>The link below has ended.</summary>
    public void HandleLinkClosed(in Link link, TimeSpan now)
    {
        if (IsUp && Link == link && link.IsReliable) { GoDown(now); }
        if (_dialer is not { } dialer) { return; }
        dialer.HandleLinkClosed(link, now);
        if (link.IsReliable) { TryReliableLater(now); }
        RetryWhenExhausted(now);
        _endpoint.SetTimer(this);
    }

    public override void HandleReady(QuicConnection quic, TimeSpan now)
    {
        if (quic != _quic)
        {
            if (quic == _spare) { return; }
            if (_dialer?.HandleReady(quic, now) == true) { HandleConnected(quic, now); }
            else { RetryWhenExhausted(now); }
            _endpoint.SetTimer(this);
            return;
        }
        while (quic.TryTakeEvent(out var quicEvent))
        {
            if (quicEvent.Kind is ConnectionEventKind.Closed)
            {
                GoDown(now);
                return;
            }
            if (quicEvent.Kind is ConnectionEventKind.PathChanged) { MoveTo(_endpoint.WayOf(quicEvent.Path).Link, now); }
        }
        TakeStreams(quic, now);
        WatchHealth(quic, now);
        Pump(now);
    }

    public override void HandleTimeout(TimeSpan now)
    {
        if (now >= _spareUntil) { GoUp(_spare!, now); }
        _dialer?.HandleTimeout(now);
        if (now >= _hedgeAt)
        {
            _hedgeAt = TimeSpan.MaxValue;
            if (_dialer is { HasPending: true }) { TryReliable(now); }
        }
        if (now >= _reliableAt) { TryReliable(now); }
        if (now >= _silentAt) { HandleSilence(now); }
        if (now >= _retryAt)
        {
            _retryAt = TimeSpan.MaxValue;
            if (!IsUp && !IsUnused) { Dial(now); }
        }
        Client?.HandleTimeout(now);
        if (IsUnused && now >= _unusedSince + UnusedLifetime)
        {
            Close(now);
            return;
        }
        RetryWhenExhausted(now);
        Pump(now);
    }

    /// <summary>Adds the numbers of the ways that its sessions are.</summary>
    public void AddPathsTo(HashSet<int> inUse)
    {
        if (!IsUp) { return; }
        foreach (var session in Client!.Sessions.Keys)
        {
            if (_endpoint.TryPathTo(new(Link, session), out var path)) { inUse.Add(path.Id.Value); }
        }
    }

    /// <summary>Ends the connection and forgets it.</summary>
    public void Close(TimeSpan now)
    {
        StopDialing(now);
        if (_quic is { } quic) { End(quic, now); }
        DropClient(now);
        _quic = null;
        IsClosed = true;
        _endpoint.Forget(this);
        Node.HandleRelayDown(this, now);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
