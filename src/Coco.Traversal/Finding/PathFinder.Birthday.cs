using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>
/// Birthday punching, where one side's mapping depends on the destination and nobody can tell its port: that side opens many sockets towards
/// the other, which tries random ports of its outer address until one of them is among those. Both have to agree, each attempt has a
/// budget, and the wait between attempts doubles on both sides by their own clocks.
/// </summary>
internal sealed partial class PathFinder
{
    private const int MaxTargets = 2;
    private const int OpenerBurst = 64;
    private const int OpenersPerSecond = 1600; // chosen: 256 within 120 ms; home routers lose bursts of new flows
    private const int ProbeBurst = 4; // several for each waking
    private static readonly TimeSpan LongestBirthdayBackoff = TimeSpan.FromHours(1);
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5); // the peer counts the wait from another moment
    // A carrier's NAT may stand beyond the openers' hop limit, or one was lost: once more, all the way.
    private static readonly TimeSpan SecondPass = TimeSpan.FromSeconds(2);

    private readonly List<int> _openedSockets = [];
    private readonly List<NetworkAddress> _targets = [];
    private int[] _birthdaySockets = [];
    private uint _attempt;
    private TimeSpan _birthdayNext = Way.Never;
    private TimeSpan _lastBirthday = Way.Never;
    private TimeSpan _birthdayDelay;
    private bool _isBirthdayOver;
    private bool _wasBirthdayRefused;
    private int _birthdaysFailed;
    private int _socketsRequest; // 0 for none
    private int _nextRequest;
    private TimeSpan? _openersFrom;
    private int _openersSent;
    private bool _isSecondPass;
    private bool _isReadyDue;
    private TimeSpan? _probesFrom;
    private int _probesSent;
    private PortWalk _walk;

    /// <summary>Whether it is this side whose NAT chooses a port for each destination.</summary>
    private bool OpensSockets => _own.Mapping is MappingClass.Dependent;

    private TimeSpan? BirthdayDeadline
    {
        get
        {
            if (_stage is not SearchStage.Birthday || _isBirthdayOver) { return null; }
            if (SendsOpeners && _openersFrom is { } openers)
            {
                return openers + TimeSpan.FromSeconds(Math.Max(0, _openersSent + 1 - OpenerBurst) / (double)OpenersPerSecond);
            }
            if (_probesFrom is not { } probes || _probesSent >= _options.BirthdayProbes) { return null; }
            return probes + TimeSpan.FromSeconds(_probesSent / ProbeBurst * ProbeBurst / (double)_options.BirthdayProbesPerSecond);
        }
    }

    // What a NAT does is learned while an attempt goes on, and then it is made in both roles: openers first.
    private bool SendsOpeners => _openersFrom is not null && _openersSent < OpenerCount;

    private int OpenerCount => _birthdaySockets.Length * _targets.Count;

    /// <summary>The sockets that <see cref="PathAction.OpenSockets"/> asked for: all, some or none.</summary>
    public void HandleSocketsOpened(int request, ReadOnlySpan<LocalSocket> sockets, TimeSpan now)
    {
        var isWanted = !_isDisposed && request == _socketsRequest && _stage is SearchStage.Birthday && !_isBirthdayOver;
        if (request == _socketsRequest) { _socketsRequest = 0; }
        if (!isWanted)
        {
            foreach (var socket in sockets) { Ask(new PathAction.CloseSocket(socket.Number)); }
            return;
        }
        _birthdaySockets = new int[sockets.Length];
        for (var i = 0; i < sockets.Length; i++) { _birthdaySockets[i] = sockets[i].Number; }
        _openedSockets.AddRange(_birthdaySockets);
        if (sockets.IsEmpty) { EndBirthday(BirthdayStep.Refuse); }
        else { (_openersFrom, _openersSent, _isSecondPass) = (now, 0, false); }
        Step(now);
    }

    private bool TryBeginBirthday(TimeSpan now)
    {
        if (!IsBirthdayPossible || now < _birthdayNext) { return false; }
        _attempt++;
        EnterBirthday(now);
        Tell(new BirthdayMessage(_attempt, BirthdayStep.Request));
        return true;
    }

    private bool IsBirthdayPossible
    {
        get
        {
            if (!IsDirectAllowed || !IsUdpPossible || !_options.AllowsBirthday || !_peer!.Flags.HasFlag(PeerFlags.AllowsBirthday)) { return false; }
            if (OpensSockets == _peer.Mapping is MappingClass.Dependent || !_own.Sockets.Any(static socket => socket.IsIpv4)) { return false; }
            FindTargets();
            return _targets.Count > 0;
        }
    }

    private void HandleBirthday(in BirthdayMessage message, TimeSpan now)
    {
        if (message.Step is BirthdayStep.Request)
        {
            if (_isControlling) { return; }
            var mayBegin = _stage is not SearchStage.Birthday && !HasOpenDirectUdp && now + ClockTolerance >= _birthdayNext && IsBirthdayPossible;
            if (!mayBegin) { Tell(new BirthdayMessage(message.Attempt, BirthdayStep.Refuse)); return; }
            _attempt = message.Attempt;
            EnterBirthday(now);
            if (OpensSockets) { OpenSockets(); }
            else { Tell(new BirthdayMessage(_attempt, BirthdayStep.Consent)); }
            return;
        }
        if (_stage is not SearchStage.Birthday || message.Attempt != _attempt) { return; }
        switch (message.Step)
        {
            case BirthdayStep.Consent when _isControlling && OpensSockets && _socketsRequest == 0 && _birthdaySockets.Length == 0: OpenSockets(); break;
            case BirthdayStep.Ready when !OpensSockets && _probesFrom is null: (_probesFrom, _probesSent, _walk) = (now, 0, new(_random)); break;
            case BirthdayStep.Refuse: _wasBirthdayRefused = true; EndBirthday(null); break;
            case BirthdayStep.Stop: EndBirthday(null); break;
        }
    }

    private void EnterBirthday(TimeSpan now)
    {
        if (_birthdayDelay == TimeSpan.Zero) { _birthdayDelay = _options.BirthdayBackoff; }
        _lastBirthday = now;
        _birthdayNext = now + _options.BirthdayBudget + _birthdayDelay;
        _birthdayDelay = Min(_birthdayDelay * 2, LongestBirthdayBackoff);
        (_isBirthdayOver, _wasBirthdayRefused, _openersFrom, _probesFrom, _isReadyDue) = (false, false, null, null, false);
        _birthdaySockets = [];
        Enter(SearchStage.Birthday, now + _options.BirthdayBudget);
    }

    private void OpenSockets()
    {
        _socketsRequest = ++_nextRequest;
        Ask(new PathAction.OpenSockets(_socketsRequest, _options.BirthdaySockets, IsIpv4: true));
    }

    private void StepBirthday(TimeSpan now)
    {
        if (_isReadyDue && !_isBirthdayOver)
        {
            _isReadyDue = false;
            Tell(new BirthdayMessage(_attempt, BirthdayStep.Ready));
        }
        if (!_isBirthdayOver && now >= _stageEnd) { EndBirthday(BirthdayStep.Stop); }
        if (!_isBirthdayOver) { return; }
        _isBirthdayOver = false;
        if (!HasOpenDirectUdp) { _birthdaysFailed++; }
        if (_isControlling && !HasOpenDirectUdp) { StartTcpOrRest(now); }
        else { Rest(now); }
    }

    private void EndBirthday(BirthdayStep? last)
    {
        if (_stage is not SearchStage.Birthday || _isBirthdayOver) { return; }
        if (last is { } step) { Tell(new BirthdayMessage(_attempt, step)); }
        _isBirthdayOver = true;
        (_openersFrom, _probesFrom) = (null, null);
        _birthdaySockets = [];
        CloseUnusedSockets();
    }

    private bool TryTakeBirthdayProbe(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        transmit = default;
        while (BirthdayDeadline is { } due && due <= now)
        {
            TakeBirthdayProbe(buffer, now, out transmit);
            if (_common?.TryTake(now) ?? true) { return true; } // else it is not sent, and the attempt goes on without it
        }
        transmit = default;
        return false;
    }

    private void TakeBirthdayProbe(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        Link link;
        byte hopLimit = 0;
        if (SendsOpeners)
        {
            link = new(LinkKind.Udp, _birthdaySockets[_openersSent / _targets.Count], _targets[_openersSent % _targets.Count]);
            hopLimit = _isSecondPass ? (byte)0 : _options.OpenerHopLimit;
            if (++_openersSent == OpenerCount) { EndPass(now); }
        }
        else
        {
            var target = _targets[_probesSent % _targets.Count];
            link = new(LinkKind.Udp, MainSocket, target.WithPort(_walk.Next()));
            _probesSent++;
        }
        transmit = Finish(buffer, new(link), _sealer.WritePing(buffer, out _), hopLimit);
    }

    private int MainSocket => _own.Sockets.First(static socket => socket.IsIpv4).Number;

    private void EndPass(TimeSpan now)
    {
        if (_isSecondPass) { return; }
        _isReadyDue = true;
        WakeAt(now);
        (_openersFrom, _openersSent, _isSecondPass) = (now + SecondPass, 0, true);
    }

    /// <summary>Where the peer is seen from outside, by its own word: two addresses at most, so that its word cannot make us flood more.</summary>
    private void FindTargets()
    {
        _targets.Clear();
        foreach (var kind in (ReadOnlySpan<CandidateKind>)[CandidateKind.ServerReflexive, CandidateKind.PortMapped, CandidateKind.Host])
        {
            foreach (var candidate in _peer!.Candidates)
            {
                if (_targets.Count == MaxTargets) { return; }
                var address = candidate.Address;
                if (candidate.Kind != kind || !address.IsIpv4 || address.IsPrivate || !IsWorthTrying(address)) { continue; }
                // The opening side needs the port; for the other an address is an address.
                if (!_targets.Exists(known => OpensSockets ? known == address : known.HasSameHost(address))) { _targets.Add(address); }
            }
        }
    }

    private void CloseUnusedSockets()
    {
        for (var i = _openedSockets.Count - 1; i >= 0; i--)
        {
            var number = _openedSockets[i];
            if (_ways.Exists(way => way.Path.Link.Number == number)) { continue; }
            _openedSockets.RemoveAt(i);
            Ask(new PathAction.CloseSocket(number));
        }
    }

    private void CloseUnusedSocket(int number, Way gone)
    {
        if (!gone.IsDirectUdp || Array.IndexOf(_birthdaySockets, number) >= 0) { return; }
        if (_ways.Exists(way => way.IsDirectUdp && way.Path.Link.Number == number) || !_openedSockets.Remove(number)) { return; }
        Ask(new PathAction.CloseSocket(number));
    }
}
