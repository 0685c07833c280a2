using Coco.Cluster.Time;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Time;

public sealed class BestTimeTests
{
    private const ulong Y2026 = 1_780_000_000;
    private const ulong Y2100 = 4_102_444_800;
    private static readonly NodeId Owner = Id(1);
    private static readonly NodeId Control = Id(2);
    private static readonly NodeId Ada = Id(3);
    private static readonly NodeId Bob = Id(4);
    private static readonly NodeId AdasFriend = Id(5);
    private readonly Issuers _issuers = new();

    [Fact]
    public void Time_is_the_latest_the_owner_or_a_control_plane_signed_and_goes_on_from_there()
    {
        var time = New();
        Assert.Equal(0ul, Now(time));

        time.HandleClaim(Owner, Y2026, isLive: false, default);
        time.HandleClaim(Control, Y2026 + 500, isLive: false, default);
        time.HandleClaim(Owner, Y2026 - 9_000, isLive: false, default); // an old statement, late
        Assert.Equal(Y2026 + 500, Now(time));
        Assert.Equal(Y2026 + 500 + 60, Now(time, 60));
    }

    [Fact]
    public void An_admin_who_signs_the_year_2100_moves_nobody()
    {
        var time = New();
        time.HandleClaim(Owner, Y2026, isLive: false, default);
        time.HandleClaim(Ada, Y2100, isLive: true, default);
        Assert.Equal(Y2026, Now(time));

        time.HandleLocalClock(Y2026 + 60, isTrusted: false, default);
        Assert.Equal(Y2026 + 660, Now(time)); // as far as the clock confirms, within the tolerance
        Assert.False(time.At(default).IsTrusted);
    }

    [Fact]
    public void An_admin_is_believed_as_far_as_an_independent_admin_confirms()
    {
        var time = New();
        time.HandleClaim(Ada, Y2100, isLive: false, default);
        time.HandleClaim(AdasFriend, Y2100, isLive: false, default);
        Assert.Equal(0ul, Now(time)); // whom Ada appointed is no second witness

        time.HandleClaim(Bob, Y2026, isLive: false, default);
        Assert.Equal(Y2026 + 600, Now(time));
    }

    [Fact]
    public void A_clock_that_was_never_set_is_not_vouched_for_and_one_that_is_set_later_is()
    {
        var time = New();
        time.HandleLocalClock(30, isTrusted: true, default);
        Assert.False(time.At(default).IsTrusted);
        Assert.Equal(0ul, Now(time));

        time.HandleLocalClock(Y2026, isTrusted: true, TimeSpan.FromMinutes(1));
        Assert.True(time.At(TimeSpan.FromMinutes(1)).IsTrusted);
        time.HandleLocalClock(Y2026 - 200_000, isTrusted: true, TimeSpan.FromMinutes(2)); // set back by days
        Assert.False(time.At(TimeSpan.FromMinutes(2)).IsTrusted);
    }

    [Fact]
    public void A_clock_that_leaps_to_2100_is_vouched_for_when_another_says_the_same()
    {
        var time = New();
        time.HandleLocalClock(Y2026, isTrusted: true, default);
        time.HandleLocalClock(Y2100, isTrusted: true, default);
        Assert.Equal(Y2026, Now(time));
        Assert.False(time.At(default).IsTrusted);
        var first = New();
        first.HandleLocalClock(Y2100, isTrusted: true, default);
        Assert.Equal(0ul, Now(first));

        time.HandleClaim(Ada, Y2100, isLive: true, default);
        time.HandleLocalClock(Y2100 + 1, isTrusted: true, default);
        Assert.True(time.At(default).IsTrusted);
        Assert.Equal(Y2100 + 1, Now(time));
    }

    [Fact]
    public void What_a_revoked_admin_claimed_counts_as_never_said()
    {
        var time = New();
        time.HandleClaim(Owner, Y2026, isLive: false, default);
        time.HandleClaim(Ada, Y2100, isLive: false, default);
        time.HandleClaim(Bob, Y2100, isLive: false, default);
        Assert.Equal(Y2100, Now(time));

        _issuers.Revoked.Add(Bob);
        time.HandleIssuersChanged();
        Assert.Equal(Y2026, Now(time));
        Restarted(time, out var again);
        Assert.Equal(Y2026, Now(again));
    }

    [Fact]
    public void Strangers_and_dates_beyond_the_calendar_are_not_listened_to()
    {
        var time = New();
        time.HandleClaim(Id(99), Y2026, isLive: true, default);
        time.HandleClaim(Owner, ulong.MaxValue, isLive: true, default);
        time.HandleClaim(default, Y2026, isLive: true, default);

        Assert.Equal((0ul, false), (Now(time), time.At(default).IsTrusted));
    }

    [Fact]
    public void A_restart_with_a_clock_of_1970_knows_the_time_it_knew()
    {
        var time = New();
        time.HandleClaim(Owner, Y2026, isLive: false, default);
        time.HandleClaim(Ada, Y2026 + 86_400, isLive: false, default);
        time.HandleLocalClock(Y2026 + 86_000, isTrusted: false, default);
        var known = Now(time, 7_200);

        Restarted(time, out var again, 7_200);
        again.HandleLocalClock(12, isTrusted: false, default);
        Assert.Equal(known, Now(again));
        Assert.Equal(Y2026 + 86_400 + 7_200, known);
    }

    [Fact]
    public void Time_a_trusted_clock_told_outlives_the_clock()
    {
        var time = New();
        time.HandleLocalClock(Y2026, isTrusted: true, default);
        Assert.True(time.At(default).IsTrusted);

        Restarted(time, out var again);
        again.HandleLocalClock(12, isTrusted: false, default);
        Assert.Equal((Y2026, false), (Now(again), again.At(default).IsTrusted));
    }

    [Fact]
    public void Time_is_trusted_when_somebody_who_counts_tells_it_now()
    {
        var time = New();
        time.HandleClaim(Owner, Y2026, isLive: false, default);
        time.HandleClaim(Ada, Y2026, isLive: true, default);
        Assert.False(time.At(default).IsTrusted);

        time.HandleClaim(Bob, Y2026, isLive: true, default);
        Assert.True(time.At(default).IsTrusted);
    }

    [Fact]
    public void It_is_written_when_an_hour_has_passed_and_not_for_every_statement()
    {
        var time = New();
        time.HandleClaim(Owner, Y2026, isLive: false, default);
        Assert.True(time.TryTakePersist(default, out _));

        time.HandleClaim(Owner, Y2026 + 60, isLive: false, default);
        Assert.False(time.TryTakePersist(default, out _));
        Assert.False(time.TryTakePersist(TimeSpan.FromMinutes(58), out _));
        Assert.True(time.TryTakePersist(TimeSpan.FromMinutes(60), out _));
    }

    [Fact]
    public void The_claims_kept_are_bounded_and_the_owner_always_has_a_place()
    {
        var time = new BestTime(new() { MaxIssuers = 2 }, _issuers, [], default);
        time.HandleClaim(Ada, Y2026, isLive: false, default);
        time.HandleClaim(Bob, Y2026, isLive: false, default);
        time.HandleClaim(AdasFriend, Y2026, isLive: false, default);
        time.HandleClaim(Owner, Y2026 + 99, isLive: false, default);

        Assert.Equal(Y2026 + 99, Now(time));
        Assert.Equal(2, Restarted(time, out _).Count);
    }

    [Fact]
    public void However_claims_come_in_time_never_goes_back_and_one_admin_alone_never_exceeds_what_others_said()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var time = New();
            var (last, limit) = (0ul, 0ul);
            for (var i = 0; i < 40; i++)
            {
                var claim = Y2026 + (ulong)random.Next(1_000_000);
                switch (random.Next(4))
                {
                    case 0: time.HandleClaim(Owner, claim, false, default); limit = Math.Max(limit, claim); break;
                    case 1: time.HandleClaim(Ada, Y2100 + claim, true, default); break;
                    case 2: time.HandleClaim(AdasFriend, Y2100 + claim, true, default); break;
                    case 3: time.HandleLocalClock(claim, false, default); limit = Math.Max(limit, claim + 600); break;
                }
                Assert.InRange(Now(time), last, limit);
                last = Now(time);
            }
        }
    }

    [Fact]
    public void Records_of_all_kinds_are_read_or_refused_without_an_exception()
    {
        var random = new Random(8);
        var seed = TimeClaimsRecord.Encode([new(Owner, (long)Y2026, TimeClaim.Unconfirmed, false), new(Ada, 9, 5, false)]);
        Assert.True(TimeClaimsRecord.TryDecode(seed, out var right));
        Assert.Equal([new(Owner, (long)Y2026, TimeClaim.Unconfirmed, false), new(Ada, 9, 5, false)], right);
        for (var i = 0; i < 20_000; i++)
        {
            if (TimeClaimsRecord.TryDecode(Mutation.Of(seed, random), out var claims)) { Assert.True(new BestTime(new(), _issuers, claims, default).At(default).UnixSeconds <= BestTime.MaxClaim); }
        }
    }

    private static NodeId Id(int number) => Invitations.InvitationSamples.Id(number);

    private static ulong Now(BestTime time, int seconds = 0) => time.At(TimeSpan.FromSeconds(seconds)).UnixSeconds;

    private BestTime New() => new(new(), _issuers, [], default);

    private IReadOnlyList<TimeClaim> Restarted(BestTime time, out BestTime again, int seconds = 0)
    {
        Assert.True(time.TryTakePersist(TimeSpan.FromSeconds(seconds), out var claims));
        Assert.True(TimeClaimsRecord.TryDecode(TimeClaimsRecord.Encode(claims), out var read));
        again = new(new(), _issuers, read, default);
        return read;
    }

    private sealed class Issuers : ITimeIssuers
    {
        public HashSet<NodeId> Revoked { get; } = [];

        public TimeIssuer Find(NodeId issuer)
        {
            if (Revoked.Contains(issuer)) { return default; }
            if (issuer == Owner || issuer == Control) { return new(TimeIssuerKind.OwnerOrControlPlane, default); }
            if (issuer == Ada || issuer == AdasFriend) { return new(TimeIssuerKind.Admin, StatementId.Of("Ada's tenure"u8)); }
            return issuer == Bob ? new(TimeIssuerKind.Admin, StatementId.Of("Bob's tenure"u8)) : default;
        }
    }
}
