using Coco.Quic.Connections;
using Coco.Traversal.Links;

namespace Coco.Traversal.Roaming;

/// <summary>The control connection: dialled, watched, replaced.</summary>
internal sealed partial class RelayLink
{
    // A connection that does not answer is replaced by the next that does, and used until then: it may only be slow.
    private void Dial(TimeSpan now)
    {
        if (_dialer is not null || _spare is not null || !_endpoint.HasNetwork) { return; }
        _retryAt = TimeSpan.MaxValue;
        _dialedAt = now;
        _dialer = DialByUdp(now);
        _reliableAt = _endpoint.IsUdpBlocked || _dialer.IsExhausted ? now : now + ReliableDelay;
        _endpoint.SetTimer(this);
    }

    private Dialer DialByUdp(TimeSpan now)
    {
        var dialer = new Dialer(_endpoint, this, Info.Id, Node.Identity, RoamingOptions.RelayProtocol);
        foreach (var address in Info.Addresses)
        {
            if (_endpoint.TryLinkTo(address, out var link)) { dialer.Add(new(link), now); }
        }
        return dialer;
    }

    // Another connection in the place of one that was only slow would end all sessions, and those who use them had to find each other anew.
    private void HandleConnected(QuicConnection quic, TimeSpan now)
    {
        (_dialer, _reliableAt) = (null, TimeSpan.MaxValue);
        if (_spare is { } other)
        {
            End(other, now);
            GoUp(quic, now);
        }
        // After an outage TCP is there first, since UDP's attempts wait longer and longer for their next packet. They begin anew.
        else if (_hasBeenUpByUdp && _endpoint.WayOf(quic.ActivePath).Link.IsReliable)
        {
            (_spare, _spareUntil, _dialer) = (quic, now + ReliableDelay, DialByUdp(now));
        }
        else if (IsUp) { (_spare, _spareUntil) = (quic, now + SpareTime); }
        else { GoUp(quic, now); }
    }

    private void StopDialing(TimeSpan now)
    {
        _dialer?.Stop(now);
        if (_spare is { } spare) { End(spare, now); }
        (_dialer, _spare) = (null, null);
        _reliableAt = _spareUntil = _hedgeAt = _silentAt = TimeSpan.MaxValue;
        _failures = 0;
    }

    private void End(QuicConnection quic, TimeSpan now)
    {
        quic.Tag = null;
        quic.Close(0, "", now);
        _endpoint.CloseLinkOf(quic);
    }

    private void TryReliable(TimeSpan now)
    {
        _reliableAt = TimeSpan.MaxValue;
        if (_dialer is not { } dialer) { return; }
        _hedgeAt = now + Min(FirstHedge + ((now - _dialedAt) / 16), LongestRetry);
        foreach (var address in Info.Addresses)
        {
            dialer.AddPending();
            _endpoint.OpenTcp(address, fromListeningPort: false, HandleLink, now);
        }
        if (Info.Url is { } url)
        {
            dialer.AddPending();
            _endpoint.OpenWebSocket(url, HandleLink, now);
        }

        void HandleLink(Link? link, LinkFailure failure, TimeSpan then)
        {
            dialer.RemovePending();
            if (link is { } opened)
            {
                if (_dialer == dialer) { dialer.Add(new(opened), then); }
                else { _endpoint.CloseLink(opened); }
            }
            else if (_dialer == dialer) { TryReliableLater(then); }
            RetryWhenExhausted(then);
            _endpoint.SetTimer(this);
        }
    }

    // A handshake over UDP that nobody answers takes half a minute to fail, and is not waited for.
    private void TryReliableLater(TimeSpan now)
    {
        if (_dialer is { HasPending: false, IsExhausted: false } && _reliableAt == TimeSpan.MaxValue) { _reliableAt = now + NextRetryDelay(); }
    }

    private void GoUp(QuicConnection quic, TimeSpan now)
    {
        _dialer?.Stop(now);
        (_dialer, _spare) = (null, null);
        _reliableAt = _retryAt = _spareUntil = _hedgeAt = _silentAt = TimeSpan.MaxValue;
        if (_hasBeenUp) { _endpoint.SuspectNat(now); } // what a look saw during an outage is not true any more
        if (_quic is { } old)
        {
            End(old, now);
            DropClient(now);
        }
        (_quic, _failures, _seenTimeouts) = (quic, 0, 0);
        _control = new(quic);
        _control.Open();
        Link = _endpoint.WayOf(quic.ActivePath).Link;
        (_hasBeenUp, _hasBeenUpByUdp) = (true, !Link.IsReliable);
        Client = new(Node.Id, new());
        UpdateKeepAlive();
        _endpoint.HandleRelayUp(this);
        _toOpen.Clear();
        foreach (var user in _users) { _toOpen.Enqueue(user); }
        if (IsHome) { Node.HandleRelayUp(this, now); }
        HandleReady(quic, now);
    }

    private void GoDown(TimeSpan now)
    {
        if (_quic is { } quic) { End(quic, now); }
        DropClient(now);
        _quic = null;
        Node.HandleRelayDown(this, now); // home or not: it may be thought of as one that only has to be asked
        if (_spare is { } spare) { GoUp(spare, now); }
        else if (!IsUnused && _dialer is null) { Dial(now); }
        _endpoint.SetTimer(this);
    }

    private void DropClient(TimeSpan now)
    {
        if (Client is not { } client) { return; }
        _endpoint.HandleRelayDown(this);
        client.HandleDisconnected();
        (Client, _control) = (null, null);
        TakeEvents(client, now);
    }

    private void RetryWhenExhausted(TimeSpan now)
    {
        if (_dialer is not { IsExhausted: true } || _reliableAt != TimeSpan.MaxValue) { return; }
        _dialer = null;
        foreach (var user in _users.ToArray()) { user.HandleRelayFailed(this, now); }
        Node.HandleRelayDown(this, now);
        _retryAt = now + NextRetryDelay();
        _endpoint.SetTimer(this);
    }

    private void WatchHealth(QuicConnection quic, TimeSpan now)
    {
        if (quic.ProbeTimeouts != _seenTimeouts)
        {
            if (quic.ProbeTimeouts == 0 && _seenTimeouts >= DeadAfterTimeouts) { _endpoint.SuspectNat(now); }
            _seenTimeouts = quic.ProbeTimeouts;
            if (_seenTimeouts >= DeadAfterTimeouts && quic.State is ConnectionState.Connected)
            {
                Dial(now);
                Suspect(now);
            }
            if (_seenTimeouts == 0) { StopDialing(now); }
        }
        if (_seenTimeouts > 0 || !IsHome || quic.Statistics.SmoothedRtt == _rtt) { return; }
        _rtt = quic.Statistics.SmoothedRtt;
        Node.HandleRelayLatency(this, _rtt, now);
    }

    // Half a minute until a handshake has failed is long for whoever is to find us here. Where our other home answers meanwhile it is not our network that
    // is silent, and another relay is looked for; in an outage of ours all stays as it is.
    private void Suspect(TimeSpan now)
    {
        if (!IsHome || _silentAt != TimeSpan.MaxValue) { return; }
        _silentAt = now + SilentTime;
        foreach (var other in _endpoint.OtherHomesOf(this)) { other.CheckAlive(); }
    }

    private void HandleSilence(TimeSpan now)
    {
        _silentAt = TimeSpan.MaxValue;
        if (!IsHome || _seenTimeouts < DeadAfterTimeouts) { return; }
        if (_endpoint.OtherHomesOf(this).Any(static other => other.IsAnswering)) { Node.HandleRelayDown(this, now); }
        else { Suspect(now); }
    }

    private TimeSpan NextRetryDelay() => Min(FirstRetry * (1 << Math.Min(_failures++, 8)), LongestRetry);
}
