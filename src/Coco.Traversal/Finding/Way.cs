using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>One path to the peer, from the first probe on: what is known of it, and the probes that are due on it.</summary>
internal sealed class Way(in PathAddress path, PathClass pathClass, CandidateKind kind)
{
    public static readonly TimeSpan Never = -TimeSpan.FromDays(1); // before any start, and safe to subtract

    private const int Remembered = 4;
    private static readonly TimeSpan ConfirmInterval = TimeSpan.FromMilliseconds(40);
    private const int Wides = 3;
    private static readonly TimeSpan WideInterval = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan AfterOpener = TimeSpan.FromMilliseconds(10);

    private readonly (ulong Counter, TimeSpan At)[] _pings = new (ulong, TimeSpan)[Remembered];
    private int _pingCount;
    private ProbePlan? _plan;
    private TimeSpan _planStart;
    private int _planIndex;
    private int _confirmsLeft;
    private TimeSpan _nextConfirm;
    private bool _isOpenerDue;
    private int _widesLeft;
    private TimeSpan _nextWide;

    public PathAddress Path { get; } = path;

    public PathClass Class { get; } = pathClass;

    public CandidateKind Kind { get; } = kind;

    public int Tier => Class switch { PathClass.Relay or PathClass.Mesh => 2, PathClass.DirectTcp => 1, _ => 0 };

    public bool IsDirectUdp => Tier == 0;

    /// <summary>Whether somebody stands between: a relay, or members of the mesh.</summary>
    public bool IsRelayed => Tier == 2;

    /// <summary>Whether it is the way through the mesh that routes say is best now.</summary>
    public bool IsPreferred { get; set; }

    /// <summary>Whether a round trip was made here, or a relay says that it holds a session.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Whether the peer ever answered here: it is its address then, and no budget for strangers' addresses applies.</summary>
    public bool HasAnswered { get; private set; }

    public WayValidation Validation { get; set; }

    /// <summary>Validations in a row that failed.</summary>
    public int Failures { get; set; }

    /// <summary>Whether it has not answered since the last of them.</summary>
    public bool IsExamined { get; set; }

    /// <summary>No validation before this.</summary>
    public TimeSpan RetryAt { get; set; }

    /// <summary>How often it died while in use.</summary>
    public int Deaths { get; set; }

    /// <summary>Not chosen freely before this.</summary>
    public TimeSpan PenaltyUntil { get; set; }

    /// <summary>Since when it is neither in use nor on standby; null while it is.</summary>
    public TimeSpan? SpareSince { get; set; }

    public TimeSpan? Rtt { get; set; }

    public TimeSpan LastHeard { get; set; } = Never;

    public TimeSpan LastPinged { get; private set; } = Never;

    public TimeSpan LastAnswered { get; private set; } = Never;

    /// <summary>Probes that were sent before it answered.</summary>
    public int Knocks { get; set; }

    /// <summary>Whether the last series of probes ended without an answer.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Whether a silence killed it although there is no NAT on the way.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>Where the peer last saw us on this path.</summary>
    public NetworkAddress Observed { get; set; }

    public bool IsProbing => _plan is not null || _confirmsLeft > 0 || _widesLeft > 0;

    /// <summary>When the next probe is due or the series ends; null when nothing is to be done.</summary>
    public TimeSpan? Deadline
    {
        get
        {
            TimeSpan? deadline = _plan is null ? null : PlanDeadline;
            if (_confirmsLeft > 0 && !(deadline <= _nextConfirm)) { deadline = _nextConfirm; }
            return _widesLeft > 0 && !(deadline <= _nextWide) ? _nextWide : deadline;
        }
    }

    private TimeSpan PlanDeadline => _isOpenerDue || _planIndex == _plan!.Count
        ? _isOpenerDue ? TimeSpan.Zero : _planStart + _plan!.Duration
        : _planStart + _plan.Delay(_planIndex);

    public void Begin(ProbePlan plan, TimeSpan start)
    {
        (_plan, _planStart, _planIndex, _isOpenerDue) = (plan, start, 0, false);
        IsSilent = false;
    }

    /// <summary>A series behind one packet with a low hop limit, which opens our own NAT and does not arrive at the peer's.</summary>
    public void BeginBehindOpener(ProbePlan plan, TimeSpan now)
    {
        Begin(plan, now + AfterOpener);
        _isOpenerDue = true;
    }

    /// <summary>The series waits; the opener does not.</summary>
    public void HoldUntil(TimeSpan start)
    {
        if (_plan is not null && _planIndex == 0 && _planStart < start) { _planStart = start; }
    }

    /// <summary>The series waits no longer.</summary>
    public void Release(TimeSpan now)
    {
        if (_plan is not null && _planIndex == 0 && _planStart > now) { _planStart = now; }
    }

    /// <summary>The connection itself has made a round trip here, by its handshake or a validation.</summary>
    public void HandleProven() => HasAnswered = true;

    public void Confirm(int count, TimeSpan now) => (_confirmsLeft, _nextConfirm) = (count, now);

    /// <summary>Validation has failed: does the path still answer, and does it answer what is as long as QUIC's packets and is none?</summary>
    public void Examine(TimeSpan now)
    {
        Begin(ProbePlan.Check, now);
        (IsExamined, _widesLeft, _nextWide) = (true, Wides, now);
    }

    public void StopProbing() => (_plan, _confirmsLeft, _widesLeft, _isOpenerDue) = (null, 0, 0, false);

    /// <summary>Whether a probe as long as QUIC's packets is due; it counts as sent.</summary>
    public bool TryTakeWide(TimeSpan now)
    {
        if (_widesLeft == 0 || _nextWide > now) { return false; }
        _widesLeft--;
        _nextWide = now + WideInterval;
        return true;
    }

    /// <summary>Whether a probe is due; it counts as sent.</summary>
    public bool TryTakeDue(TimeSpan now, out bool isOpener)
    {
        isOpener = _isOpenerDue;
        if (_isOpenerDue)
        {
            _isOpenerDue = false;
            return true;
        }
        if (_confirmsLeft > 0 && _nextConfirm <= now)
        {
            _confirmsLeft--;
            _nextConfirm = now + ConfirmInterval;
            return true;
        }
        if (_plan is null || _planIndex == _plan.Count || _planStart + _plan.Delay(_planIndex) > now) { return false; }
        // A late host skips what it missed instead of sending it in a burst.
        do { _planIndex++; }
        while (_planIndex < _plan.Count && _planStart + _plan.Delay(_planIndex) <= now);
        return true;
    }

    /// <summary>Whether a series has just ended without an answer.</summary>
    public bool TryEndPlan(TimeSpan now)
    {
        if (_plan is null || _isOpenerDue || _planIndex < _plan.Count || now < _planStart + _plan.Duration) { return false; }
        _plan = null;
        IsSilent = true;
        return true;
    }

    public void HandlePinged(ulong counter, TimeSpan now)
    {
        _pings[_pingCount++ % Remembered] = (counter, now);
        LastPinged = now;
    }

    /// <summary>An answer of the peer's came here. False when it is not to one of the last pings of this path.</summary>
    public bool TryAnswer(ulong echo, TimeSpan now)
    {
        for (var i = 0; i < Math.Min(_pingCount, Remembered); i++)
        {
            if (_pings[i].Counter != echo) { continue; }
            var sample = now - _pings[i].At;
            // The least of what comes is the path; the rest is queues. It may rise again slowly.
            Rtt = Rtt is { } known && sample > known ? known + ((sample - known) / 8) : sample;
            LastAnswered = now;
            HasAnswered = true;
            IsSilent = false;
            _plan = null;
            return true;
        }
        return false;
    }

    /// <summary>Nothing known of it counts any more; it may still be tried.</summary>
    public void Forget() => (IsOpen, Validation, IsSilent, IsExamined) = (false, WayValidation.None, true, false);
}
