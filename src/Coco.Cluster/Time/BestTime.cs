using Coco.Crypto;

namespace Coco.Cluster.Time;

/// <summary>
/// What time it is, judged by what others have signed; the machine's clock may be wrong by decades. Each claim is a lower bound: its
/// signer has seen that time. Best-known time is the largest of
/// <list type="bullet">
/// <item>the claims of the owner and of listed control planes, and the machine's clock where the host vouches for it;</item>
/// <item>the claims of admins, as far as a second witness confirms them: an admin of another line, or the machine's clock. So one admin
/// who signs the year 2100 moves nobody, and one whose clock is right is believed as soon as anybody agrees.</item>
/// </list>
/// It never goes back, but when a signer loses its authority: then what that signer claimed counts as never said.
/// The owner's access does not depend on it.
/// </summary>
internal sealed class BestTime
{
    // 9999-12-31: what is later is no date.
    public const ulong MaxClaim = 253_402_300_799;

    // 2025-01-01: no machine had this program before. And for how many years after, at most, one has it that knows of no time at all.
    private const ulong Earliest = 1_735_689_600;
    private const ulong LatestFirst = Earliest + (20UL * 31_557_600);

    private readonly BestTimeOptions _options;
    private readonly ITimeIssuers _issuers;
    private readonly TimeSpan _start;
    private readonly Dictionary<NodeId, TimeClaim> _claims = [];
    private long? _localClock;
    private bool _isLocalTrusted;
    private long? _best;
    private bool _mustPersist;
    private long _persisted;

    /// <summary>Starts with what <see cref="TryTakePersist"/> gave before the restart, if anything.</summary>
    public BestTime(BestTimeOptions options, ITimeIssuers issuers, IReadOnlyList<TimeClaim> persisted, TimeSpan now)
    {
        (_options, _issuers, _start) = (options, issuers, now);
        foreach (var claim in persisted.Take(options.MaxIssuers)) { _claims[claim.Issuer] = claim with { IsLive = false }; }
        _best = Compute();
        _persisted = _best ?? 0;
    }

    /// <summary>What time it is now.</summary>
    public TimeView At(TimeSpan now) => new(_best is { } best ? (ulong)Math.Max(0, best + Elapsed(now)) : 0, IsTrusted(), now - _start) { LapseAfter = _options.LapseAfter };

    /// <summary>What time it is by what a signer told itself, live, since the start; null where it has not.</summary>
    public ulong? ToldBy(NodeId issuer, TimeSpan now) =>
        _claims.TryGetValue(issuer, out var claim) && claim.IsLive ? (ulong)Math.Max(0, claim.AtStart + Elapsed(now)) : null;

    /// <summary>
    /// A statement was verified that says when it was signed. <paramref name="isLive"/>: its signer sent it just now, over a connection of
    /// its own, so that it is not a time long past.
    /// </summary>
    public void HandleClaim(NodeId issuer, ulong unixSeconds, bool isLive, TimeSpan now)
    {
        var kind = issuer.IsDefault ? TimeIssuerKind.None : _issuers.Find(issuer).Kind;
        if (kind is TimeIssuerKind.None || unixSeconds is 0 or > MaxClaim) { return; }
        Claim(issuer, (long)unixSeconds - Elapsed(now), isLive, counts: kind is TimeIssuerKind.OwnerOrControlPlane);
    }

    /// <summary>Whether a clock that shows this can be right, as far as can be known without any other.</summary>
    public static bool CanBe(ulong unixSeconds) => unixSeconds is >= Earliest and <= LatestFirst;

    /// <summary>
    /// Whether a machine's clock that shows this now can be vouched for. Not one that was never set, and shows 1970; nor one that leaps years ahead of all that is
    /// known, unless somebody else says the same: it would be signed, and believed for ever.
    /// </summary>
    public bool IsPlausible(ulong unixSeconds, TimeSpan now)
    {
        if (_best is not { } start) { return CanBe(unixSeconds); }
        var (clock, best) = ((long)Math.Min(unixSeconds, MaxClaim), start + Elapsed(now));
        return unixSeconds >= Earliest && clock >= best - (long)_options.MaxBehind.TotalSeconds && clock <= best + (long)_options.MaxAhead.TotalSeconds;
    }

    /// <summary>The machine's clock, read now. <paramref name="isTrusted"/>: the host vouches for it, which counts as far as it is plausible.</summary>
    public void HandleLocalClock(ulong unixSeconds, bool isTrusted, TimeSpan now)
    {
        (_localClock, _isLocalTrusted) = (null, false);
        if (unixSeconds is 0 or > MaxClaim) { return; }
        // Also when nobody vouches for it, it is a witness for others: what it and one of them say is within reach afterwards.
        (_localClock, _isLocalTrusted) = ((long)unixSeconds - Elapsed(now), false);
        Advance();
        _isLocalTrusted = isTrusted && IsPlausible(unixSeconds, now);
        if (_isLocalTrusted) { Claim(default, _localClock.Value, isLive: false, counts: true); }
    }

    /// <summary>Authority has changed: claims of those who have none any more are dropped, and what rested on them falls back.</summary>
    public void HandleIssuersChanged()
    {
        var lost = _claims.Keys.Where(issuer => !issuer.IsDefault && _issuers.Find(issuer).Kind is TimeIssuerKind.None).ToArray();
        foreach (var issuer in lost) { _claims.Remove(issuer); }
        if (lost.Length > 0) { (_best, _mustPersist) = (null, true); }
        Advance();
    }

    /// <summary>The claims to write down, when there is enough that is new, as they are <paramref name="now"/>.</summary>
    public bool TryTakePersist(TimeSpan now, out IReadOnlyList<TimeClaim> claims)
    {
        claims = [];
        var progress = (_best ?? 0) + Elapsed(now) - _persisted;
        if (!_mustPersist && (_best is null || progress < (long)_options.PersistEvery.TotalSeconds)) { return false; }
        (_mustPersist, _persisted) = (false, (_best ?? 0) + Elapsed(now));
        claims = [.. _claims.Values.Select(claim => claim.Shift(Elapsed(now))).OrderBy(claim => claim.Issuer)];
        return true;
    }

    // Somebody who counts in full, or two witnesses, told the present time themselves since the start. Asked for each certificate that is judged.
    private bool IsTrusted()
    {
        if (_isLocalTrusted) { return true; }
        StatementId? witness = null;
        foreach (var claim in _claims.Values)
        {
            if (!claim.IsLive) { continue; }
            var (kind, line) = _issuers.Find(claim.Issuer);
            if (kind is TimeIssuerKind.OwnerOrControlPlane || (kind is TimeIssuerKind.Admin && witness is { } other && other != line)) { return true; }
            if (kind is TimeIssuerKind.Admin) { witness ??= line; }
        }
        return false;
    }

    private void Claim(NodeId issuer, long atStart, bool isLive, bool counts)
    {
        var claim = new TimeClaim(issuer, atStart, TimeClaim.Unconfirmed, isLive);
        if (_claims.TryGetValue(issuer, out var known))
        {
            claim = known with { AtStart = Math.Max(known.AtStart, atStart), IsLive = known.IsLive || isLive };
        }
        else if (_claims.Count >= _options.MaxIssuers && !(counts && TryMakeRoom()))
        {
            return;
        }
        _claims[issuer] = claim;
        Advance();
    }

    private void Advance()
    {
        if (_localClock is { } local)
        {
            var limit = local + (long)_options.Tolerance.TotalSeconds;
            foreach (var (issuer, claim) in _claims)
            {
                // What the clock confirmed stays confirmed when it breaks: else what had expired would come back with the next battery.
                _claims[issuer] = claim with { Confirmed = Math.Max(claim.Confirmed, Math.Min(claim.AtStart, limit)) };
            }
        }
        var computed = Compute();
        if (_best is null || computed > _best) { _best = computed; }
    }

    private long? Compute()
    {
        var best = TimeClaim.Unconfirmed;
        var witnesses = new Dictionary<StatementId, long>(); // the highest claim of each line
        foreach (var claim in _claims.Values)
        {
            var (kind, line) = claim.Issuer.IsDefault ? new(TimeIssuerKind.OwnerOrControlPlane, default) : _issuers.Find(claim.Issuer);
            if (kind is TimeIssuerKind.None) { continue; }
            best = Math.Max(best, kind is TimeIssuerKind.OwnerOrControlPlane ? claim.AtStart : claim.Confirmed);
            if (kind is TimeIssuerKind.Admin) { witnesses[line] = Math.Max(witnesses.GetValueOrDefault(line, TimeClaim.Unconfirmed), claim.AtStart); }
        }
        var highest = witnesses.Values.OrderDescending().Take(2).ToArray();
        if (highest.Length == 2) { best = Math.Max(best, Math.Min(highest[0], highest[1] + (long)_options.Tolerance.TotalSeconds)); }
        return best == TimeClaim.Unconfirmed ? null : best;
    }

    // An admin's claim makes room for one that counts in full.
    private bool TryMakeRoom()
    {
        var admin = _claims.Keys.FirstOrDefault(issuer => !issuer.IsDefault && _issuers.Find(issuer).Kind is not TimeIssuerKind.OwnerOrControlPlane);
        return !admin.IsDefault && _claims.Remove(admin);
    }

    private long Elapsed(TimeSpan now) => (long)(now - _start).TotalSeconds;
}
