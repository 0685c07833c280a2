using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>The search for a direct path, stage by stage, and simultaneous sending, its first.</summary>
internal sealed partial class PathFinder
{
    private static readonly TimeSpan LeastRoundInterval = TimeSpan.FromSeconds(1); // chosen: a peer that changes its mind all the time
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(2); // in which word of the controlling side's next stage comes

    private readonly TimeSpan _startedAt;
    private SearchStage _stage;
    private TimeSpan _stageEnd;
    private TimeSpan? _roundAt; // a round is wanted, from then on
    private TimeSpan _lastRound = Way.Never;
    private TimeSpan? _retryAt;
    private TimeSpan _retryDelay;
    private uint _round;
    private int _roundsEnded;
    private bool _isReplyDue; // the peer has not said that it has started
    private bool _hasTriedTcp;
    private bool _isPleaseDue; // the controlled side has to ask for its round

    private bool IsUdpPossible => !_own.IsUdpBlocked && _peer is not null && !_peer.Flags.HasFlag(PeerFlags.UdpBlocked);

    private bool IsDirectAllowed => !_policy.RelayOnly && _peer is not null && !_peer.Flags.HasFlag(PeerFlags.RelayOnly);

    /// <summary>Where one mapping depends on the destination, the first packets meet or none do, and birthday punching need not wait for
    /// more: should they meet after all, it ends.</summary>
    private TimeSpan PunchTime(TimeSpan now) => now < _birthdayNext || !IsBirthdayPossible ? _options.PunchBudget
        : Min(_options.PunchBudget, _options.ShortPunchBudget + (2 * (_active?.Rtt ?? TimeSpan.Zero)));

    private bool HasOpenDirectUdp => _ways.Exists(static way => way is { IsDirectUdp: true, IsOpen: true });

    private bool HasOpenTcp => _ways.Exists(static way => way is { Class: PathClass.DirectTcp, IsOpen: true });

    /// <summary>The controlling side looks again as long as there is nothing direct that may still be moved to.</summary>
    private bool IsRetryMissing => _isControlling && _stage is SearchStage.Resting && _retryAt is null && _roundAt is null && _active is not { Tier: 0 }
        && !_ways.Exists(static way => way is { IsDirectUdp: true, IsOpen: true, Failures: < 3, Deaths: 0 });

    private void WantRound(TimeSpan now)
    {
        var soonest = _lastRound + LeastRoundInterval;
        _roundAt = soonest > now ? soonest : now;
    }

    /// <summary>Asks for a round where something has been lost, whichever side we are.</summary>
    private void WantRoundOfBoth(TimeSpan now)
    {
        WantRound(now);
        _isPleaseDue = !_isControlling;
    }

    private void StepSearch(TimeSpan now)
    {
        if (!_hasOwn || _peer is null || !IsDirectAllowed) { _roundAt = null; return; }
        if (_stage is SearchStage.Punching or SearchStage.Tcp && IsStageOver(now)) { EndStage(now); }
        if (_stage is SearchStage.Birthday) { StepBirthday(now); }
        if (_stage is SearchStage.Tcp) { StepTcp(now); }
        if (_retryAt <= now)
        {
            _retryAt = null;
            if (_active is not { Tier: 0 }) { WantRound(now); }
        }
        if (IsRetryMissing) { PlanRetry(now); }
        if (_roundAt <= now && _stage is not (SearchStage.Birthday or SearchStage.Tcp)) { StartSearch(now); }
        if (_stage is SearchStage.Punching or SearchStage.Tcp or SearchStage.Birthday) { WakeAt(_stageEnd); }
        else if (_roundAt is { } round) { WakeAt(round); }
        if (_retryAt is { } retry) { WakeAt(retry); }
    }

    private bool IsStageOver(TimeSpan now) => now >= _stageEnd || (_stage is SearchStage.Tcp && (HasOpenTcp || HasOpenDirectUdp));

    private void StartSearch(TimeSpan now)
    {
        _roundAt = null;
        if (!_isControlling)
        {
            // The controlling side leads; it hears of our candidates by itself, and of our need by this.
            if (_isPleaseDue) { Tell(new PunchMessage(_round, PunchStep.Please)); }
            _isPleaseDue = false;
            if (_stage is SearchStage.Waiting) { Enter(SearchStage.Punching, now + PunchTime(now)); }
            return;
        }
        _lastRound = now;
        LookAtNat();
        _hasTriedTcp = false;
        _round++;
        if (!IsUdpPossible) { StartTcpOrRest(now); return; }
        BeginRound(now);
        _isReplyDue = true;
        foreach (var way in _ways.Where(static way => way.Class is not PathClass.DirectLan)) { way.HoldUntil(now + _options.PunchReplyWait); }
        _stageEnd += _options.PunchReplyWait;
        Tell(new PunchMessage(_round, PunchStep.Start));
    }

    /// <summary>The last search may have failed because our NAT has forgotten us since, and the peer sent to where we are no more.</summary>
    private void LookAtNat()
    {
        if (_roundsEnded > 0) { Ask(new PathAction.LookAtNat()); }
    }

    private void BeginRound(TimeSpan now)
    {
        Enter(SearchStage.Punching, now + PunchTime(now));
        Populate();
        foreach (var way in _ways)
        {
            if (!way.IsDirectUdp || way.IsOpen || way == _active) { continue; }
            if (way.Class is PathClass.DirectLan) { way.Begin(ProbePlan.Punch, now); continue; }
            way.BeginBehindOpener(way switch
            {
                { Kind: CandidateKind.Predicted } => ProbePlan.Guess,
                { Path.Link.Remote.IsPrivate: true } => ProbePlan.Foreign,
                _ => ProbePlan.Punch,
            }, now);
        }
    }

    private void HandlePunch(in PunchMessage message, TimeSpan now)
    {
        if (!IsDirectAllowed || !_hasOwn) { return; }
        switch (message.Step)
        {
            case PunchStep.Start when !_isControlling:
                if (_lastRound + (LeastRoundInterval / 2) > now) { return; }
                _lastRound = now;
                LookAtNat();
                _round = message.Round;
                EndBirthday(null);
                BeginRound(now);
                _stageEnd += SettleTime;
                Tell(new PunchMessage(message.Round, PunchStep.Started));
                break;
            case PunchStep.Started when _isControlling && message.Round == _round && _isReplyDue:
                _isReplyDue = false;
                foreach (var way in _ways) { way.Release(now); }
                if (_stage is SearchStage.Punching) { _stageEnd = now + PunchTime(now); }
                break;
            case PunchStep.Tcp when !_isControlling:
                EndBirthday(null);
                BeginTcp(now);
                break;
            case PunchStep.Please when _isControlling:
                WantRound(now);
                break;
        }
    }

    private void EndStage(TimeSpan now)
    {
        var isTcp = _stage is SearchStage.Tcp;
        if (HasOpenDirectUdp || !_isControlling || isTcp) { Rest(now); return; }
        if (TryBeginBirthday(now)) { return; }
        StartTcpOrRest(now);
    }

    private void StartTcpOrRest(TimeSpan now)
    {
        if (_hasTriedTcp || HasOpenTcp || !IsTcpPossible || now < _tcpNext) { Rest(now); return; }
        Tell(new PunchMessage(_round, PunchStep.Tcp));
        BeginTcp(now);
    }

    private void Rest(TimeSpan now)
    {
        Enter(SearchStage.Resting, now);
        _roundsEnded++;
        // What did not answer is a guess that the next round makes again; thousands of idle connections do not keep it for that.
        DropUnanswered();
        _ways.TrimExcess();
        _actions.TrimExcess();
        _pongs.TrimExcess();
        _signals.TrimExcess();
    }

    private void DropUnanswered() => _ways.RemoveAll(way => way != _active
        && way is { IsDirectUdp: true, IsOpen: false, HasAnswered: false, Validation: WayValidation.None }
        && !_openedSockets.Contains(way.Path.Link.Number));

    private void PlanRetry(TimeSpan now)
    {
        Span<byte> jitter = stackalloc byte[1];
        _random.Fill(jitter);
        _retryAt = now + (_retryDelay * (1 + (jitter[0] / 2560.0)));
        _retryDelay = Min(_retryDelay * 2, _options.LongestRetry);
    }

    private void Enter(SearchStage stage, TimeSpan end)
    {
        _stageEnd = end;
        if (_stage == stage) { return; }
        _stage = stage;
        FindingLog.StageEntered(_logger, stage);
    }

    /// <summary>One path for each candidate of the peer's to which something may be sent.</summary>
    private void Populate()
    {
        var foreign = 0;
        DropUnanswered();
        foreach (var candidate in _peer!.Candidates)
        {
            if (candidate.Kind is CandidateKind.Tcp or CandidateKind.TcpReflexive || !IsWorthTrying(candidate.Address)) { continue; }
            if (candidate.Address.IsPrivate && !_own.IsOnOwnNetwork(candidate.Address) && ++foreign > _options.MaxForeignPrivate) { continue; }
            AddForAddress(candidate.Address, candidate.Kind);
            if (candidate.Kind is not CandidateKind.ServerReflexive || _peer.Mapping is not MappingClass.Dependent) { continue; }
            for (var next = 1; next <= _options.PredictedPorts && candidate.Address.Port + next <= ushort.MaxValue; next++)
            {
                AddForAddress(candidate.Address.WithPort(candidate.Address.Port + next), CandidateKind.Predicted);
            }
        }
    }

    private bool IsWorthTrying(in NetworkAddress address)
    {
        if (!address.IsSendable || !_policy.Allows(address)) { return false; }
        var isLoopbackAllowed = false;
        foreach (var own in _own.Candidates)
        {
            if (own.Kind is CandidateKind.Host && own.Address == address) { return false; } // that would be ourselves
            isLoopbackAllowed |= own.Address.IsLoopback;
        }
        return !address.IsLoopback || isLoopbackAllowed; // else a peer could make us knock at services of our own host
    }

    private void AddForAddress(in NetworkAddress address, CandidateKind kind)
    {
        foreach (var socket in _own.Sockets)
        {
            if (address.IsIpv4 ? !socket.IsIpv4 : !socket.IsIpv6) { continue; }
            if (address.IsIpv4 || !address.IsLinkLocal) { TryAdd(new(LinkKind.Udp, socket.Number, address), kind); return; }
            // A link-local address holds in a zone, and the peer does not know how we number ours (RFC 4007 §6).
            Span<byte> bytes = stackalloc byte[16];
            address.WriteIpv6(bytes);
            foreach (var own in _own.Candidates)
            {
                if (own.Kind is not CandidateKind.Host || own.Address.IsIpv4 || !own.Address.IsLinkLocal) { continue; }
                TryAdd(new(LinkKind.Udp, socket.Number, NetworkAddress.FromIpv6(bytes, address.Port, own.Address.Scope)), kind);
            }
            return;
        }
    }

    private void TryAdd(in Link link, CandidateKind kind)
    {
        var path = new PathAddress(link);
        if (Find(path) is null) { Add(path, kind); }
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
