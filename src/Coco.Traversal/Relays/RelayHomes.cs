using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;

namespace Coco.Traversal.Relays;

/// <summary>
/// Which of the configured relays a node is registered with: one home and one warm second. It replaces one that fails at once and tries
/// it again later; it goes to a much nearer one only after several measurements, and leaves the old home only when the new one has us. Where a
/// relay that stops says where to go, those are used as long as none of the configured serves.
/// </summary>
internal sealed class RelayHomes
{
    private readonly RelayHomesOptions _options;
    private readonly RandomSource _random;
    private RelayCandidate[] _candidates;
    private readonly Queue<RelayDecision> _decisions = [];
    private RelayCandidate? _home;
    private RelayCandidate? _second;

    // A nearer relay that becomes the home once we are registered there.
    private RelayCandidate? _rising;

    /// <summary>The relays in the order in which they are tried while no latency is known.</summary>
    public RelayHomes(IReadOnlyList<RelayInfo> relays, RelayHomesOptions options, RandomSource random)
    {
        (_options, _random) = (options, random);
        _candidates = [.. relays.DistinctBy(relay => relay.Id).Select(relay => new RelayCandidate(relay))];
    }

    /// <summary>Others are configured now. Those that stay keep what is known of them; those that go are left.</summary>
    public void SetRelays(IReadOnlyList<RelayInfo> relays, TimeSpan now)
    {
        foreach (var gone in _candidates.Where(candidate => relays.All(relay => relay.Id != candidate.Relay.Id)))
        {
            Leave(gone);
            if (gone.IsConnected || gone.IsConnecting) { _decisions.Enqueue(new RelayDecision.Release(gone.Relay)); }
        }
        _candidates = [.. relays.DistinctBy(relay => relay.Id).Select(relay =>
        {
            var candidate = Find(relay.Id) ?? new(relay);
            (candidate.Relay, candidate.IsSuggested) = (relay, false);
            return candidate;
        })];
        Assign(now);
    }

    /// <summary>Where we are registered, the home first: what belongs into our address record.</summary>
    public IReadOnlyList<RelayInfo> Registered =>
        [.. new[] { _home, _second }.Where(candidate => candidate?.RegisteredAt is not null).Select(candidate => candidate!.Relay)];

    /// <summary>When <see cref="HandleTimeout"/> is due; at once, before the first time.</summary>
    public TimeSpan? Deadline
    {
        get
        {
            TimeSpan? deadline = null;
            if (!HasRoom && !IsAway) { return null; }
            foreach (var candidate in _candidates)
            {
                if (RoleOf(candidate) is null && (HasRoom || !candidate.IsSuggested) && (deadline is null || candidate.RetryAt < deadline)) { deadline = candidate.RetryAt; }
            }
            return deadline;
        }
    }

    // At a relay that is not configured, and not on the way back.
    private bool IsAway => _rising is null && (_home is { IsSuggested: true, RegisteredAt: not null } || _second is { IsSuggested: true, RegisteredAt: not null });

    private bool HasRoom => (_home is null && _options.Count > 0) || (_second is null && _options.Count > 1);

    public bool TryTakeDecision([NotNullWhen(true)] out RelayDecision? decision) => _decisions.TryDequeue(out decision);

    public void HandleTimeout(TimeSpan now) => Assign(now);

    /// <summary>The control connection stands.</summary>
    public void HandleConnected(NodeId relay)
    {
        if (Find(relay) is not { } candidate) { return; }
        (candidate.IsConnecting, candidate.IsConnected) = (false, true);
        if (RoleOf(candidate) is { } role) { _decisions.Enqueue(new RelayDecision.Register(candidate.Relay, role)); }
        else { _decisions.Enqueue(new RelayDecision.Release(candidate.Relay)); }
    }

    /// <summary>The relay registered us.</summary>
    public void HandleRegistered(NodeId relay, TimeSpan now)
    {
        if (Find(relay) is not { } candidate || RoleOf(candidate) is null) { return; }
        candidate.RegisteredAt ??= now;
        candidate.IsHeld = false;
        if (candidate == _rising) { Rise(); }
        Assign(now);
    }

    /// <summary>The relay did not register us.</summary>
    public void HandleRefused(NodeId relay, RelayRefusal reason, TimeSpan now)
    {
        if (Find(relay) is not { } candidate) { return; }
        Leave(candidate);
        if (candidate.IsConnected) { _decisions.Enqueue(new RelayDecision.Release(candidate.Relay)); }
        if (reason is RelayRefusal.Policy) { Hold(candidate, now); }
        else { BackOff(candidate, now); }
        Assign(now);
    }

    /// <summary>The control connection could not be made, or ended.</summary>
    public void HandleFailed(NodeId relay, TimeSpan now)
    {
        if (Find(relay) is not { } candidate) { return; }
        (candidate.IsConnecting, candidate.IsConnected) = (false, false);
        if (RoleOf(candidate) is null) { return; } // released, or given up before
        // What held for a while failed for another reason than what failed before.
        if (now - candidate.RegisteredAt >= _options.LongestWait) { candidate.Failures = 0; }
        Leave(candidate);
        BackOff(candidate, now);
        Assign(now);
    }

    /// <summary>The relay stops at <paramref name="deadline"/>. Its connection stays for the sessions that use it.</summary>
    /// <param name="relay">Which.</param>
    /// <param name="deadline">When.</param>
    /// <param name="others">Where it says to go.</param>
    /// <param name="now">The time.</param>
    public void HandleDraining(NodeId relay, TimeSpan deadline, IReadOnlyList<RelayInfo> others, TimeSpan now)
    {
        if (Find(relay) is not { } candidate) { return; }
        // Only a home of ours has a say; what was suggested before and is not used makes room.
        if (RoleOf(candidate) is not null)
        {
            var kept = _candidates.Where(one => !one.IsSuggested || one == candidate || one.IsConnected || one.IsConnecting || RoleOf(one) is not null).ToArray();
            var room = Math.Max(0, RelayMessageCodec.MaxOthers - kept.Count(static one => one.IsSuggested));
            _candidates = [.. kept, .. others.DistinctBy(static other => other.Id).Where(other => kept.All(one => one.Relay.Id != other.Id)).Take(room).Select(static other => new RelayCandidate(other) { IsSuggested = true })];
        }
        Leave(candidate);
        BackOff(candidate, TimeSpan.FromTicks(Math.Max(deadline.Ticks, now.Ticks)));
        Assign(now);
    }

    /// <summary>The same identity registered there after us. Two that took turns would be reached nowhere for long, so we wait long.</summary>
    public void HandleSuperseded(NodeId relay, TimeSpan now)
    {
        if (Find(relay) is not { } candidate) { return; }
        Leave(candidate);
        Hold(candidate, now);
        Assign(now);
    }

    /// <summary>The time from a request to the relay to its answer, for any of the relays, connected or not.</summary>
    public void HandleLatency(NodeId relay, TimeSpan latency, TimeSpan now)
    {
        if (Find(relay) is not { } candidate) { return; }
        candidate.Latency = latency;
        if (candidate == _home || _home?.Latency is not { } home) { return; }
        candidate.Nearer = 3 * latency.Ticks < 2 * home.Ticks ? candidate.Nearer + 1 : 0;
        if (candidate.Nearer < _options.Measurements || _rising is not null || candidate.RetryAt > now) { return; }
        if (candidate != _second) { Start(_rising = candidate); }
        else if (candidate.RegisteredAt is not null) { ChangePlaces(); }
    }

    private void ChangePlaces()
    {
        (_home, _second) = (_second, _home);
        HandleHomeChanged();
        Announce(_second!);
    }

    /// <summary>The host has other addresses or routes now: what failed may work, what was near may be far.</summary>
    public void HandleNetworkChanged(TimeSpan now)
    {
        foreach (var candidate in _candidates)
        {
            (candidate.Latency, candidate.Nearer) = (null, 0);
            if (candidate.IsHeld) { continue; }
            (candidate.Failures, candidate.RetryAt) = (0, now);
        }
        Assign(now);
    }

    private void Assign(TimeSpan now)
    {
        if (_home is null && _second?.RegisteredAt is not null)
        {
            (_home, _second) = (_second, null);
            HandleHomeChanged();
        }
        if (_home is null && _rising is not null) { (_home, _rising) = (_rising, null); }
        if (_home is null && _options.Count > 0) { Start(_home = Best(now)); }
        if (_second is null && _options.Count > 1) { Start(_second = Best(now)); }
        if (_rising is null && _home is { IsSuggested: true } && _second is { IsSuggested: false, RegisteredAt: not null }) { ChangePlaces(); }
        if (IsAway && Best(now) is { IsSuggested: false } configured) { Return(configured); }
    }

    // One of the configured serves again, it seems: the home is left when that one has us, the second makes room at once.
    private void Return(RelayCandidate configured)
    {
        if (_home is { IsSuggested: true })
        {
            Start(_rising = configured);
            return;
        }
        Release(_second!);
        Start(_second = configured);
    }

    private void Rise()
    {
        var (oldHome, oldSecond) = (_home, _second);
        (_home, _rising) = (_rising, null);
        _second = _options.Count > 1 ? oldHome ?? oldSecond : null;
        foreach (var candidate in _candidates) { candidate.Nearer = 0; }
        foreach (var old in new[] { oldHome, oldSecond })
        {
            if (old is null) { continue; }
            if (old == _second) { Announce(old); } else { Release(old); }
        }
    }

    private void HandleHomeChanged()
    {
        foreach (var candidate in _candidates) { candidate.Nearer = 0; }
        Announce(_home!);
    }

    // The nearest of those that may be tried, the first of equals; one of unknown latency comes after all that are known, and one that is not configured last.
    private RelayCandidate? Best(TimeSpan now)
    {
        RelayCandidate? best = null;
        foreach (var candidate in _candidates)
        {
            if (RoleOf(candidate) is not null || candidate.RetryAt > now) { continue; }
            if (best is null || (best.IsSuggested, best.Latency ?? TimeSpan.MaxValue).CompareTo((candidate.IsSuggested, candidate.Latency ?? TimeSpan.MaxValue)) > 0) { best = candidate; }
        }
        return best;
    }

    private void Start(RelayCandidate? candidate)
    {
        if (candidate is null || candidate.IsConnecting) { return; }
        if (candidate.IsConnected)
        {
            Announce(candidate);
            return;
        }
        candidate.IsConnecting = true;
        _decisions.Enqueue(new RelayDecision.Connect(candidate.Relay));
    }

    private void Announce(RelayCandidate candidate)
    {
        if (candidate.IsConnected && RoleOf(candidate) is { } role) { _decisions.Enqueue(new RelayDecision.Register(candidate.Relay, role)); }
    }

    private void Release(RelayCandidate candidate)
    {
        candidate.RegisteredAt = null;
        if (candidate.IsConnected) { _decisions.Enqueue(new RelayDecision.Release(candidate.Relay)); }
    }

    private void Leave(RelayCandidate candidate)
    {
        candidate.RegisteredAt = null;
        candidate.Nearer = 0;
        if (_home == candidate) { _home = null; }
        if (_second == candidate) { _second = null; }
        if (_rising == candidate) { _rising = null; }
    }

    // Up to a quarter more at random, so that the clients of a relay that went down do not all come back at once.
    private void BackOff(RelayCandidate candidate, TimeSpan from)
    {
        var wait = _options.FirstWait.Ticks << Math.Min(candidate.Failures, 16);
        candidate.Failures = Math.Min(candidate.Failures + 1, 16);
        wait = Math.Min(wait, _options.LongestWait.Ticks / 5 * 4);
        candidate.RetryAt = from + TimeSpan.FromTicks(wait + RandomBelow(wait / 4));
    }

    private void Hold(RelayCandidate candidate, TimeSpan now)
    {
        candidate.IsHeld = true;
        candidate.RetryAt = now + _options.LeastHold + TimeSpan.FromTicks(RandomBelow(_options.LeastHold.Ticks / 2));
    }

    private long RandomBelow(long limit)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        _random.Fill(bytes);
        return (long)((UInt128)(ulong)limit * BinaryPrimitives.ReadUInt32BigEndian(bytes) >> 32);
    }

    private RelayPreference? RoleOf(RelayCandidate candidate) =>
        candidate == _home || candidate == _rising ? RelayPreference.Home : candidate == _second ? RelayPreference.Secondary : null;

    private RelayCandidate? Find(NodeId relay) => Array.Find(_candidates, candidate => candidate.Relay.Id == relay);
}
