namespace Coco.Traversal.Finding;

/// <summary>The path that is kept warm beside the one in use, the race between both after a silence, and the end of all others.</summary>
internal sealed partial class PathFinder
{
    private static readonly TimeSpan LeastGrace = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MostGrace = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan UnheardLifetime = TimeSpan.FromMinutes(1);

    private Way? _standby;
    private TimeSpan? _race; // since when
    private Way? _raceWinner;
    private TimeSpan _raceDecision;

    /// <summary>Asks the path in use and the others at once: the silence may have hidden that it died.</summary>
    private void StartRace(TimeSpan now)
    {
        if (_active is null || (_race is { } running && now - running < ProbePlan.Race.Duration)) { return; }
        (_race, _raceWinner) = (now, null);
        AskAround(now);
    }

    private void AskAround(TimeSpan now)
    {
        var asked = 0;
        foreach (var way in _ways)
        {
            if (!way.IsOpen || (way != _active && way != _standby && asked++ >= MaxRescues)) { continue; }
            way.Begin(ProbePlan.Race, now);
        }
    }

    private void HandleRaceAnswer(Way way, TimeSpan now)
    {
        if (_race is not { } since) { return; }
        if (way == _active) { (_race, _raceWinner) = (null, null); return; }
        if (_raceWinner is not null || !MayCarry(way)) { return; }
        _raceWinner = way;
        // A relay that stands nearer than the peer would win every race: the path in use has the time its answers need.
        var grace = (_active?.Rtt ?? TimeSpan.Zero) * 2;
        grace = grace < LeastGrace ? LeastGrace : Min(grace, MostGrace);
        _raceDecision = since + grace > now ? since + grace : now;
    }

    private void StepRace(TimeSpan now)
    {
        if (_race is not { } since || _active is null) { return; }
        if (_active.LastHeard > since || now >= since + ProbePlan.Race.Duration) { (_race, _raceWinner) = (null, null); return; }
        if (_raceWinner is null) { WakeAt(since + ProbePlan.Race.Duration); return; }
        if (now < _raceDecision) { WakeAt(_raceDecision); return; }
        _suspectSince ??= since;
        _isActiveDead = true;
        _active.IsForgotten |= !HasMapping(_active);
        (_race, _raceWinner) = (null, null);
    }

    private void StepStandby(TimeSpan now)
    {
        if (_active is null) { return; }
        _standby = ChooseStandby(now);
        if (_standby is not { } standby) { return; }
        standby.SpareSince = null;
        if (standby.Validation is WayValidation.None)
        {
            if (standby.RetryAt > now) { WakeAt(standby.RetryAt); }
            else { Validate(standby); }
        }
        // The controlling side's probes and their answers keep both NATs open; the other asks when it hears none.
        var interval = Min(KeepAliveOf(standby), MaxKeepAlive) * (_isControlling ? 1.0 : LocalSituation.WaitOfOther);
        var used = standby.LastHeard > standby.LastPinged ? standby.LastHeard : standby.LastPinged;
        var due = (used < _activeSince ? _activeSince : used) + interval;
        if (due > now) { WakeAt(due); }
        else if (!standby.IsProbing)
        {
            _sealer.Rest();
            standby.Begin(ProbePlan.Check, now);
        }
    }

    private Way? ChooseStandby(TimeSpan now)
    {
        Way? best = null;
        foreach (var way in _ways)
        {
            if (way == _active || !way.IsOpen || !MayCarry(way) || (!way.IsRelayed && way.PenaltyUntil > now)) { continue; }
            if (best is null || StandbyValue(way) > StandbyValue(best)) { best = way; }
        }
        return best;
    }

    /// <summary>What shares least with the path in use is worth most; what answers more than what does not; and no change without a reason.</summary>
    private int StandbyValue(Way way) =>
        (way.IsRelayed != _active!.IsRelayed ? 8 : 0)
        + (way.IsSilent || way.Failures > 2 ? 0 : 4) + (way.Validation is WayValidation.Valid ? 1 : 0) + (way == _standby ? 2 : 0);

    private void StepSpares(TimeSpan now)
    {
        if (_budget is not null && _budget.IsForgotten(now))
        {
            _budget = null;
            _sealer.Rest();
        }
        for (var i = _ways.Count - 1; i >= 0; i--)
        {
            var way = _ways[i];
            if (way == _active || way == _standby || way == _switchTarget) { way.SpareSince = null; continue; }
            if (way.Validation is WayValidation.Valid or WayValidation.Asked || way.Class is PathClass.DirectTcp)
            {
                if (IsAwaited(way, now)) { way.SpareSince = null; continue; }
                var end = (way.SpareSince ??= now) + _options.SpareLifetime;
                if (end > now) { WakeAt(end); continue; }
                way.SpareSince = null;
                if (way.Class is PathClass.DirectTcp) { Drop(way); continue; }
                Ask(new PathAction.Remove(way.Path));
                way.Validation = WayValidation.None;
            }
            else if (way.IsDirectUdp && (way.IsOpen || _stage is SearchStage.Resting))
            {
                // Nobody keeps its mappings alive: soon it is a guess.
                var isKept = way.IsOpen && !_openedSockets.Contains(way.Path.Link.Number);
                var end = way.LastHeard + (isKept ? UnheardLifetime : _options.SpareLifetime);
                if (end > now || way.IsProbing) { WakeAt(end > now ? end : way.Deadline!.Value); }
                else { Drop(way); }
            }
        }
    }

    /// <summary>Whether a better path only waits for the next move to be allowed.</summary>
    private bool IsAwaited(Way way, TimeSpan now) =>
        _isControlling && _active is not null && way.Validation is WayValidation.Valid && way.PenaltyUntil <= now && !way.IsSilent && MayCarry(way) && IsBetter(way, _active);
}
