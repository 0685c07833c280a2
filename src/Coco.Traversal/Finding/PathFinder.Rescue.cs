namespace Coco.Traversal.Finding;

/// <summary>What is done when the path in use is dead: another one at once, or a search that needs nobody's agreement.</summary>
internal sealed partial class PathFinder
{
    private const int MaxRescues = 3; // at once, when the path in use is dead
    private static readonly TimeSpan RescueInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstLoneRoundDelay = TimeSpan.FromSeconds(4); // longer than a round
    private static readonly TimeSpan LongestLoneRoundDelay = TimeSpan.FromSeconds(30);

    // Chosen: what Linux lets TCP wait at least. Within one network the second probe timeout comes after some ten milliseconds, and a busy machine lets either end wait longer for its turn.
    // Where others stand between, what comes late may be their doing: it is left as soon as it is known.
    private static readonly TimeSpan ShortestDeathOnLan = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether the path in use does not deliver, and another is looked for.</summary>
    public bool IsActiveDead => _isActiveDead;

    private bool _isActiveDead;
    private bool _isDeadToData; // only data can show that it is not; else an answered probe can
    private TimeSpan? _suspectSince; // nothing was acknowledged for one PTO
    private TimeSpan _suspectSilence; // and nothing had come for so long
    private TimeSpan? _unansweredSince; // what the first of these timeouts was for was sent then
    private TimeSpan? _deathAt; // when the path is dead unless there is progress
    private TimeSpan _lastRescue = Way.Never;
    private TimeSpan _lastLoneRound = Way.Never;
    private TimeSpan _loneRoundDelay = FirstLoneRoundDelay;

    /// <summary>How the path in use does; told at each probe timeout, at progress after one, and before data that follows a silence.</summary>
    public void HandleHealth(in PathHealth health, TimeSpan now)
    {
        if (_isDisposed || _active is null || health.Path != _active.Path) { return; }
        if (health.Rtt > TimeSpan.Zero) { _active.Rtt = health.Rtt; }
        if (health.ProbeTimeouts == 0)
        {
            (_suspectSince, _unansweredSince, _deathAt) = (null, null, null);
            if (health.SinceReceived < health.ProbeTimeout) { (_isActiveDead, _isDeadToData) = (false, false); }
        }
        else { HandleProbeTimeout(health, now); }
        if (health.WantsToSend && health.SinceReceived > _options.LongSilence) { StartRace(now); }
        Step(now);
    }

    private void HandleProbeTimeout(in PathHealth health, TimeSpan now)
    {
        _unansweredSince ??= now - health.ProbeTimeout;
        // The second probe timeout comes three PTO after the data (RFC 9002 §6.2.1).
        _deathAt = health is { ProbeTimeouts: >= 2, IsInFlight: true } ? _unansweredSince + (_active!.Class is PathClass.DirectLan ? ShortestDeathOnLan : TimeSpan.Zero) : null;
        if (_deathAt is not null) { StepDeath(now); }
        else { Suspect(health.SinceReceived, now); }
    }

    private void Suspect(TimeSpan silence, TimeSpan now)
    {
        if (_isActiveDead) { return; }
        // Ask all that could take over, so that at the next one it is known which of them answers.
        if (_suspectSince is null) { _suspectSilence = silence; }
        _suspectSince = now;
        AskAround(now);
    }

    private void StepDeath(TimeSpan now)
    {
        if (_deathAt is not { } at) { return; }
        if (now < at) { WakeAt(at); return; }
        _deathAt = null;
        // With the path in use still answering probes and no other doing so, a move could only be for the worse.
        if (HasHeardSince(_active!, _suspectSince) && !HasOtherHeardSince(_suspectSince))
        {
            Suspect(_suspectSilence, now);
            return;
        }
        NoteDeath();
        (_isActiveDead, _isDeadToData) = (true, true);
    }

    private void Rescue(TimeSpan now)
    {
        Way? best = null;
        foreach (var way in _ways)
        {
            if (way.Validation is not WayValidation.Valid || way == _active || !MayCarry(way)) { continue; }
            if (best is null || IsSafer(way, best, now)) { best = way; }
        }
        if (best is not null)
        {
            Switch(best, abandonOld: true, "the path in use is dead", now);
            return;
        }
        var asked = 0;
        var others = _ways.Where(way => way.IsOpen && way != _active && MayCarry(way));
        foreach (var way in others.OrderBy(static way => way.IsSilent).ThenByDescending(static way => way.LastHeard))
        {
            if (asked == MaxRescues) { break; }
            if (way.Validation is WayValidation.Asked) { asked++; continue; }
            var retry = Min(way.RetryAt, _lastRescue + RescueInterval);
            if (retry > now) { WakeAt(retry); continue; }
            asked++;
            _lastRescue = now;
            Validate(way);
        }
        SearchAlone(now);
    }

    /// <summary>Nothing may pass to agree on a round, so probes go out without. The peer is in the same trouble and does likewise.</summary>
    private void SearchAlone(TimeSpan now)
    {
        var next = _lastLoneRound + _loneRoundDelay;
        if (next > now) { WakeAt(next); return; }
        _lastLoneRound = now;
        _loneRoundDelay = Min(_loneRoundDelay * 2, LongestLoneRoundDelay);
        WakeAt(now + _loneRoundDelay);
        _active!.Begin(ProbePlan.Check, now); // it may come back
        if (!_hasOwn || !IsDirectAllowed || !IsUdpPossible || _stage is SearchStage.Birthday or SearchStage.Tcp) { return; }
        BeginRound(now);
        WakeAt(_stageEnd);
    }

    /// <summary>For an emergency: who answered since the trouble began, then a relay, which shares least with what has just died.</summary>
    private bool IsSafer(Way one, Way other, TimeSpan now)
    {
        var (oneHeard, otherHeard) = (HasHeardSince(one, _suspectSince ?? now), HasHeardSince(other, _suspectSince ?? now));
        if (oneHeard != otherHeard) { return oneHeard; }
        if (one.PenaltyUntil > now != other.PenaltyUntil > now) { return other.PenaltyUntil > now; }
        if (one.Tier != other.Tier) { return oneHeard ? one.Tier < other.Tier : one.Tier > other.Tier; }
        return one.Rtt < other.Rtt;
    }

    private static bool HasHeardSince(Way way, TimeSpan? since) => since is { } time && way.LastHeard >= time;

    private bool HasOtherHeardSince(TimeSpan? since) => _ways.Exists(way => way != _active && way.IsOpen && HasHeardSince(way, since));
}
