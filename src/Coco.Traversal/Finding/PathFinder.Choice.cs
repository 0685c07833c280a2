using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>Which path to use: the best, moved to seldom; and what the connection says of its paths.</summary>
internal sealed partial class PathFinder
{
    private const int MaxValidations = 2; // at once, for a better path; a connection has four paths by default
    private static readonly TimeSpan FirstPenalty = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPenalty = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Stable = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AnswerWait = TimeSpan.FromSeconds(2); // an owner that does not answer an action

    private Way? _active;
    private TimeSpan _activeSince;
    private Way? _switchTarget;
    private TimeSpan _switchAskedAt;
    private TimeSpan _lastVoluntary = Way.Never;
    private bool _hasBeenDirect; // since the last change of network
    private int _narrowFailures; // validations that failed where probes are answered
    private bool _hasWideAnswered; // and what is as long as the validation's packets is answered too
    private bool _hasDirectDied;

    private void StepChoice(TimeSpan now)
    {
        if (_switchTarget is not null)
        {
            if (now < _switchAskedAt + AnswerWait) { WakeAt(_switchAskedAt + AnswerWait); return; }
            _switchTarget = null;
        }
        if (_active is null) { return; } // the first path is the owner's
        StepDeath(now);
        if (_isActiveDead) { Rescue(now); return; }
        if (_isControlling) { Improve(now); }
    }

    private void Improve(TimeSpan now)
    {
        Way? best = null;
        var validating = _ways.Count(static way => way.Validation is WayValidation.Asked);
        foreach (var way in _ways)
        {
            if (!way.IsOpen || way.IsSilent || !MayCarry(way) || !IsBetter(way, _active!)) { continue; }
            if (way.PenaltyUntil > now) { WakeAt(way.PenaltyUntil); continue; }
            if (way.Validation is WayValidation.Valid)
            {
                if (best is null || IsBetter(way, best)) { best = way; }
            }
            else if (way.Validation is WayValidation.None && validating < MaxValidations)
            {
                if (way.RetryAt > now) { WakeAt(way.RetryAt); continue; }
                validating++;
                Validate(way);
            }
        }
        if (best is null) { return; }
        // From the relay to the first direct path there is no reason to wait.
        var isFree = !_hasBeenDirect && _active!.Tier > best.Tier;
        if (!isFree && now < _lastVoluntary + _options.VoluntaryInterval) { WakeAt(_lastVoluntary + _options.VoluntaryInterval); return; }
        if (!isFree) { _lastVoluntary = now; }
        Switch(best, abandonOld: false, "it is better", now);
    }

    private static bool IsBetter(Way one, Way other)
    {
        if (one.Tier != other.Tier) { return one.Tier < other.Tier; }
        if (one.Class is PathClass.Mesh && other.Class is PathClass.Mesh && one.IsPreferred != other.IsPreferred) { return one.IsPreferred; }
        if (one.Rtt is not { } rtt || other.Rtt is not { } otherRtt) { return false; }
        // Hysteresis: a fifth and five milliseconds less, or the same network instead of a detour.
        return (rtt * 1.25) + TimeSpan.FromMilliseconds(5) < otherRtt
            || (one.Class is PathClass.DirectLan && other.Class is not PathClass.DirectLan && rtt <= otherRtt);
    }

    private bool MayCarry(Way way) => !_policy.DirectOnly || !way.IsRelayed;

    private void Switch(Way way, bool abandonOld, string reason, TimeSpan now)
    {
        (_switchTarget, _switchAskedAt) = (way, now);
        FindingLog.Moving(_logger, way.Class.ToString(), reason);
        Ask(new PathAction.Switch(way.Path, abandonOld));
        WakeAt(now + AnswerWait);
    }

    private void Validate(Way way)
    {
        way.Validation = WayValidation.Asked;
        Ask(new PathAction.Validate(way.Path));
    }

    private void HandleAvailable(in PathAddress path, TimeSpan now)
    {
        if (!IsUsable(path)) { return; }
        var way = Find(path) ?? Add(path, CandidateKind.PeerReflexive);
        if (way is null) { return; }
        if (!way.IsRelayed) { way.LastHeard = now; }
        else
        {
            if (way.IsOpen) { return; }
            way.IsOpen = true;
            if (way == _active) { (_isActiveDead, _isDeadToData) = (false, false); } // a new session; data will tell
        }
        if (way.Rtt is null && !way.IsProbing) { way.Begin(way.IsRelayed ? ProbePlan.Check : ProbePlan.Triggered, now); }
    }

    private void HandleValidated(in PathAddress path, TimeSpan now)
    {
        if (Find(path) is not { } way) { return; } // forgotten meanwhile
        way.HandleProven();
        HandleAnswered(way, now);
        way.Validation = WayValidation.Valid;
        way.IsOpen = true;
        way.IsSilent = false;
        way.Failures = 0;
        way.IsExamined = false;
        way.LastHeard = now;
    }

    private void HandleFailed(in PathAddress path, TimeSpan now)
    {
        if (Find(path) is not { } way) { return; }
        if (_switchTarget == way) { _switchTarget = null; }
        if (way == _active) { _isActiveDead = true; return; }
        if (way.IsDirectUdp && way.HasAnswered) { way.Examine(now); }
        way.Validation = WayValidation.None;
        way.RetryAt = now + TimeSpan.FromSeconds(1 << Math.Min(way.Failures++, 6));
    }

    private void HandleActivated(in PathAddress path, TimeSpan now)
    {
        var way = Find(path) ?? Add(path, CandidateKind.PeerReflexive);
        if (way is null || way == _active)
        {
            if (way is not null && _switchTarget == way) { _switchTarget = null; }
            return;
        }
        var old = _active;
        _active = way;
        if (old is not null) { Leave(old, now); }
        else { way.HandleProven(); } // the handshake went there
        _activeSince = now;
        way.IsOpen = true;
        way.IsSilent = false;
        way.Validation = WayValidation.Valid;
        way.SpareSince = null;
        way.LastHeard = now;
        (_isActiveDead, _isDeadToData, _suspectSince, _switchTarget, _race) = (false, false, null, null, null);
        (_unansweredSince, _deathAt) = (null, null);
        _loneRoundDelay = FirstLoneRoundDelay;
        if (_standby == way) { _standby = null; }
        if (way.Rtt is null && !way.IsProbing) { way.Begin(ProbePlan.Check, now); }
        if (way.IsDirectUdp)
        {
            (_hasBeenDirect, _hasDirectDied, _narrowFailures, _hasWideAnswered, _retryAt) = (true, false, 0, false, null);
        }
        else if (old is { Tier: 0 })
        {
            _hasDirectDied |= old.IsOpen; // nobody leaves it for less while it lives: where the peer has, it says so too
            if (old is { IsOpen: true, IsProbing: false }) { old.Begin(ProbePlan.Check, now); } // or it would pass for alive until somebody asks
            WantRoundOfBoth(now);
            _retryAt = now + _retryDelay;
        }
    }

    /// <summary>The path that was in use until now.</summary>
    private void Leave(Way old, TimeSpan now)
    {
        if (now - _activeSince > Stable)
        {
            old.Deaths = 0;
            _retryDelay = _options.FirstRetry;
        }
        if (!_isActiveDead) { return; }
        // It has to be validated anew with packets of full size: what died may still pass probes.
        old.Validation = WayValidation.None;
        if (!old.IsOpen) { Drop(old); return; }
        old.PenaltyUntil = now + Min(FirstPenalty * (1 << Math.Min(old.Deaths++, 6)), LongestPenalty);
        if (old.IsDirectUdp)
        {
            _hasDirectDied = true;
            old.Begin(ProbePlan.Check, now);
        }
    }

    private void HandleLost(in PathAddress path, TimeSpan now)
    {
        if (Find(path) is not { } way) { return; }
        if (way == _active)
        {
            // The connection still sends there, and the link may come back; it is forgotten when another path is in use.
            if (way.IsDirectUdp) { WantRoundOfBoth(now); }
            (way.IsOpen, _isActiveDead, _race) = (false, true, null);
            return;
        }
        Drop(way);
    }

    /// <summary>Own network changed: what was known of paths is hearsay now, but may still be true.</summary>
    private void StartAfresh(TimeSpan now)
    {
        ForgetFailures(now);
        foreach (var way in _ways) { way.Observed = default; } // seen from the network before: no sign that a mapping of this one was lost
        _birthdayNext = now;
        _birthdayDelay = TimeSpan.Zero;
        EndBirthday(BirthdayStep.Stop);
        AskAround(now);
        StartRace(now);
        _lastRound = Way.Never;
        WantRound(now);
    }

    /// <summary>One of both networks changed.</summary>
    private void ForgetFailures(TimeSpan now)
    {
        foreach (var way in _ways)
        {
            (way.Failures, way.Deaths, way.RetryAt, way.PenaltyUntil, way.IsForgotten) = (0, 0, now, now, false);
        }
        (_hasBeenDirect, _hasHeardDirectly, _hasDirectAnswered, _hasDirectDied) = (_active is { Tier: 0 }, false, false, false);
        (_narrowFailures, _hasWideAnswered, _roundsEnded, _birthdaysFailed) = (0, false, 0, 0);
        _retryDelay = _options.FirstRetry;
        _birthdayNext = Min(_birthdayNext, _lastBirthday + _options.BirthdayBackoff);
        _wasBirthdayRefused = false;
    }
}
