using Coco.Quic.Connections;
using Coco.Traversal.Links;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Roaming;

/// <summary>A call, until the first way has answered: the peer's addresses at once, its relays beside them, and TCP and WebSocket where UDP is silent.</summary>
internal sealed partial class RoamingConnection
{
    private static readonly TimeSpan TcpDelay = TimeSpan.FromSeconds(1); // chosen: three round trips of a slow line
    private const int MaxTcpAttempts = 4;

    // Chosen: relays allow ten sessions a second, so that a hundred calls that were refused at once get through in ten.
    private static readonly TimeSpan FirstAskAgain = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestAskAgain = TimeSpan.FromSeconds(2);

    private RoamingTarget? _target; // while dialing
    private RelayLink[] _relays = [];
    private RelayLink[] _asked = []; // those that owe an answer to the call
    private RelayLink[] _toAskAgain = [];
    private Dialer? _dialer;
    private TimeSpan _callUntil;
    private TimeSpan _askAgainAt = TimeSpan.MaxValue;
    private TimeSpan _askAgainDelay = FirstAskAgain;
    private TimeSpan _tcpAt = TimeSpan.MaxValue;
    private bool _hasDialed;

    private TimeSpan DialDeadline => _dialer is null ? TimeSpan.MaxValue : Earlier(_dialer.Deadline, Earlier(_tcpAt, _askAgainAt));

    /// <summary>Begins, as soon as the network is known.</summary>
    internal void Dial(TimeSpan now)
    {
        if (_hasDialed || _dialer is null || State is not RoamingState.Connecting) { return; }
        _hasDialed = true;
        _callUntil = now + _target!.Patience;
        var policy = _endpoint.Options.Finding.Policy;
        foreach (var address in policy.RelayOnly ? [] : _target.AllAddresses)
        {
            if (policy.Allows(address) && _endpoint.TryLinkTo(address, out var link)) { _dialer.Add(new(link), now); }
        }
        foreach (var relay in _target.AllRelays) { AskRelay(_endpoint.RelayFor(Node, relay, now), now); }
        // Somebody whose relays nobody knows may be registered where we are.
        if (_relays.Length == 0)
        {
            foreach (var relay in Node.Homes.Registered) { AskRelay(_endpoint.RelayFor(Node, relay, now), now); }
        }
        DialThroughMesh(now);
        if (!policy.RelayOnly) { _tcpAt = _endpoint.IsUdpBlocked || _dialer.IsExhausted ? now : now + TcpDelay; }
        GiveUpWhenNothingIsLeft(now);
        _endpoint.SetTimer(this);
    }

    /// <summary>A relay has opened a session between the peer and us.</summary>
    internal void HandleSessionOpened(RelayLink relay, in PathAddress way, TimeSpan now)
    {
        if (_finder is not null) { Use(relay); }
        if (_dialer is not null)
        {
            Answered(way.Link);
            _dialer.Add(way, now);
            _endpoint.SetTimer(this);
            return;
        }
        _finder?.HandlePath(way, Finding.PathState.Available, now);
        PumpFinder(now);
    }

    /// <summary>A relay will not, or cannot now, give us a session with the peer.</summary>
    internal void HandleRelayRefused(RelayLink relay, RelayRefusal reason, TimeSpan now)
    {
        LastRefusal = reason;
        ResolveAt(relay, reason, now);
        if (TryAskAgainLater(relay, reason, now)) { return; }
        StopWaitingFor(relay);
        FollowAfter(relay, reason);
        GiveUpWhenNothingIsLeft(now);
    }

    /// <summary>A relay cannot be reached.</summary>
    internal void HandleRelayFailed(RelayLink relay, TimeSpan now) => HandleRelayRefused(relay, RelayRefusal.NoAnswer, now);

    /// <summary>The last relay's reason; null while none refused.</summary>
    internal RelayRefusal? LastRefusal { get; private set; }

    private void AskRelay(RelayLink relay, TimeSpan now)
    {
        if (_relays.Contains(relay)) { return; }
        _relays = [.. _relays, relay];
        _asked = [.. _asked, relay];
        _dialer!.AddPending();
        relay.Want(this, now);
    }

    // A peer that has just started or lost its relay, or a relay with much to do, may have a session for us in a moment.
    private bool TryAskAgainLater(RelayLink relay, RelayRefusal reason, TimeSpan now)
    {
        var mayChange = reason is RelayRefusal.NotRegistered or RelayRefusal.Quota or RelayRefusal.Busy;
        if (!mayChange || _dialer is null || now + _askAgainDelay > _callUntil) { return false; }
        if (!_asked.Contains(relay))
        {
            _asked = [.. _asked, relay];
            _dialer.AddPending();
        }
        if (!_toAskAgain.Contains(relay)) { _toAskAgain = [.. _toAskAgain, relay]; }
        if (_askAgainAt == TimeSpan.MaxValue) { _askAgainAt = now + _askAgainDelay; }
        _endpoint.SetTimer(this);
        return true;
    }

    private void AskAgain(TimeSpan now)
    {
        (_askAgainAt, _askAgainDelay) = (TimeSpan.MaxValue, Earlier(_askAgainDelay * 2, LongestAskAgain));
        var relays = _toAskAgain;
        _toAskAgain = [];
        foreach (var relay in relays) { relay.WantAgain(this, now); }
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private void Answered(Link link)
    {
        if (Array.Find(_asked, relay => relay.IsUp && relay.Link == link) is { } answered) { StopWaitingFor(answered); }
    }

    private void StopWaitingFor(RelayLink relay)
    {
        if (!_asked.Contains(relay)) { return; }
        _asked = [.. _asked.Where(other => other != relay)];
        _dialer?.RemovePending();
    }

    private void HandleDialTimeout(TimeSpan now)
    {
        _dialer?.HandleTimeout(now);
        if (_dialer is not null && now >= _askAgainAt) { AskAgain(now); }
        if (now < _tcpAt) { return; }
        _tcpAt = TimeSpan.MaxValue;
        DialReliable(now);
        GiveUpWhenNothingIsLeft(now);
    }

    private void DialReliable(TimeSpan now)
    {
        if (_dialer is not { } dialer) { return; }
        if (_target!.Url is { } url)
        {
            dialer.AddPending();
            _endpoint.OpenWebSocket(url, HandleLink, now);
        }
        if (!_endpoint.Options.UsesTcp) { return; }
        foreach (var address in _target.AllAddresses.Where(address => _endpoint.Options.Finding.Policy.Allows(address)).Take(MaxTcpAttempts))
        {
            dialer.AddPending();
            _endpoint.OpenTcp(address, fromListeningPort: false, HandleLink, now);
        }

        void HandleLink(Link? link, LinkFailure failure, TimeSpan then)
        {
            dialer.RemovePending();
            if (link is { } opened)
            {
                if (_dialer == dialer) { dialer.Add(new(opened), then); }
                else { _endpoint.CloseLink(opened); }
            }
            GiveUpWhenNothingIsLeft(then);
            _endpoint.SetTimer(this);
        }
    }

    private void HandleAttempt(QuicConnection quic, TimeSpan now)
    {
        if (_dialer?.HandleReady(quic, now) == true) { Keep(quic, now); }
        else { GiveUpWhenNothingIsLeft(now); }
        _endpoint.SetTimer(this);
    }

    private void Keep(QuicConnection quic, TimeSpan now)
    {
        EndDialing();
        Quic = quic;
        _control = new(quic);
        _control.Open();
        _control.Send(ControlMessage.Hello, []);
        State = RoamingState.Connected;
        SendRecord();
        UpdateNeighbour();
        Raise(RoamingEventKind.Connected);
        BeginFinding(now);
        HandleReady(quic, now);
    }

    private void StopDialing(TimeSpan now)
    {
        _dialer?.Stop(now);
        EndDialing();
    }

    private void EndDialing()
    {
        (_dialer, _target) = (null, null);
        (_asked, _toAskAgain) = ([], []);
        _isMeshAwaited = false;
    }

    private void GiveUpWhenNothingIsLeft(TimeSpan now)
    {
        if (_dialer is not { IsExhausted: true } || !_hasDialed || _tcpAt != TimeSpan.MaxValue) { return; }
        var failure = _dialer.LastFailure;
        StopDialing(now);
        End(failure ?? new(CloseKind.LocalTransport, 0, 0, LastRefusal switch
        {
            RelayRefusal.NotRegistered => "The peer is at none of the relays known for it. Is it running, and are its relays the ones given?",
            RelayRefusal.NoAnswer => "None of the peer's relays can be reached, and no address of it answered.",
            not null => $"The peer's relays will not connect us to it ({LastRefusal}), and no address of it answered.",
            null => "No way to the peer is known that can be used from here. Give an address, a relay of the peer's, or its address record.",
        }), now);
    }
}
