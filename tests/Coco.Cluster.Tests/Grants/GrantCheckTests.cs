using Coco.Cluster.Grants;
using Coco.Cluster.Tests.Invitations;
using Coco.Cluster.Time;
using Role = Coco.Cluster.Membership.Role;

namespace Coco.Cluster.Tests.Grants;

public sealed class GrantCheckTests
{
    private const ulong Now = 1_795_161_600; // Friday 2026-11-20, 09:00 in Berlin
    private static readonly UserId Ada = new(InvitationSamples.Id(1));
    private static readonly UserId Bob = new(InvitationSamples.Id(2));
    private static readonly ResourcePattern Doors = ResourcePattern.Parse("home/+/door");

    [Fact]
    public void Nothing_is_granted_by_no_grant() => Assert.Equal(GrantOutcome.NoGrant, Check([]).Outcome);

    [Fact]
    public void A_grant_to_a_user_or_to_the_role_of_the_user_allows()
    {
        Assert.True(Check([ResourceGrant.ToUser(Ada, Doors, ["open"])]).IsAllowed);
        Assert.True(Check([ResourceGrant.ToRole(Role.Guest, Doors, [])]).IsAllowed);
        Assert.Equal(GrantOutcome.OtherSubject, Check([ResourceGrant.ToRole(Role.Admin, Doors, [])]).Outcome);
        Assert.Equal(GrantOutcome.OtherSubject, Check([ResourceGrant.ToUser(Bob, Doors, [])]).Outcome);
    }

    [Fact]
    public void A_member_without_a_role_is_a_guest()
    {
        var question = new GrantQuestion(Ada, Role.None, "home/front/door", "open");

        Assert.True(GrantCheck.Check([ResourceGrant.ToRole(Role.Guest, Doors, [])], question, Time()).IsAllowed);
        Assert.False(GrantCheck.Check([ResourceGrant.ToRole(Role.Admin, Doors, [])], question, Time()).IsAllowed);
    }

    [Fact]
    public void A_refusal_names_the_grant_that_came_closest()
    {
        var expired = ResourceGrant.ToUser(Ada, Doors, ["open"], until: Now);
        var decision = Check([ResourceGrant.ToUser(Bob, Doors, []), expired, ResourceGrant.ToUser(Ada, Doors, ["lock"])]);

        Assert.Equal((GrantOutcome.Expired, expired), (decision.Outcome, decision.Grant));
        Assert.Equal($"denied: the grant of open with home/+/door for user {Ada} has expired", decision.Explain());
    }

    [Fact]
    public void Each_reason_is_told_apart()
    {
        var always = new ScheduleWindow(127, 0, 1440);
        Assert.Equal(GrantOutcome.OtherResource, Check([ResourceGrant.ToUser(Ada, ResourcePattern.Parse("home/lamp"), [])]).Outcome);
        Assert.Equal(GrantOutcome.OtherAction, Check([ResourceGrant.ToUser(Ada, Doors, ["lock"])]).Outcome);
        Assert.Equal(GrantOutcome.NotYet, Check([ResourceGrant.ToUser(Ada, Doors, [], from: Now + 1)]).Outcome);
        Assert.Equal(GrantOutcome.OutsideSchedule, Check([Scheduled("Europe/Berlin", new(1, 0, 1440))]).Outcome);
        Assert.Equal(GrantOutcome.ZoneUnknown, Check([Scheduled("Mars/Olympus", always)]).Outcome);
        Assert.Equal(GrantOutcome.Granted, Check([Scheduled("Europe/Berlin", new(1 << 4, 9 * 60, 10 * 60))]).Outcome);
        Assert.All(Enum.GetValues<GrantOutcome>(), outcome =>
            Assert.StartsWith(new GrantDecision(outcome, null).IsAllowed ? "allowed" : "denied", new GrantDecision(outcome, null).Explain(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_node_that_boots_in_1970_honours_no_expired_grant_and_obeys_its_owner()
    {
        var grant = ResourceGrant.ToUser(Ada, Doors, [], until: Now - 1);
        var persisted = new TimeClaim(InvitationSamples.Id(7), (long)Now, TimeClaim.Unconfirmed, false);
        var time = new BestTime(new(), new OwnerOnly(), [persisted], TimeSpan.Zero);
        time.HandleLocalClock(30, isTrusted: false, TimeSpan.Zero);

        Assert.Equal(GrantOutcome.Expired, Check([grant], time.At(TimeSpan.Zero)).Outcome);
        var unknown = new BestTime(new(), new OwnerOnly(), [], TimeSpan.Zero).At(TimeSpan.Zero);
        Assert.Equal(GrantOutcome.TimeUnknown, Check([grant], unknown).Outcome);
        Assert.True(GrantCheck.Check([], new(Bob, Role.Owner, "home/front/door", "open"), unknown).IsAllowed);
    }

    [Fact]
    public void A_grant_lapses_after_a_day_unless_somebody_refreshed_it()
    {
        var grant = ResourceGrant.ToUser(Ada, Doors, [], until: Now + 1_000_000);
        var time = new TimeView(Now, IsTrusted: false, TimeSpan.FromHours(25));

        Assert.Equal(GrantOutcome.Lapsed, Check([grant], time).Outcome);
        Assert.True(GrantCheck.Check([grant], Question(), time, refreshed => refreshed == grant).IsAllowed);
    }

    [Fact]
    public void More_grants_never_allow_less()
    {
        var random = new Random(6);
        for (var i = 0; i < 3_000; i++)
        {
            var grants = Enumerable.Range(0, random.Next(5)).Select(_ => Some(random)).ToList();
            var before = Check(grants).IsAllowed;
            grants.Insert(random.Next(grants.Count + 1), Some(random));
            Assert.True(!before || Check(grants).IsAllowed);
        }
    }

    [Fact]
    public void A_grant_is_read_as_it_was_written_and_other_bytes_do_no_harm()
    {
        var random = new Random(7);
        var count = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 500_000 : 20_000;
        for (var i = 0; i < count; i++)
        {
            var bytes = Some(random).Encode();
            Assert.True(ResourceGrant.TryDecode(bytes, out var grant));
            Assert.Equal(bytes, grant.Encode());
            if (!ResourceGrant.TryDecode(Mutation.Of(bytes, random), out grant)) { continue; }
            Assert.NotEmpty(Check([grant]).Explain());
            Assert.True(grant.Encode().Length <= ResourceGrant.MaxLength);
        }
    }

    private static ResourceGrant Scheduled(string zone, ScheduleWindow window) =>
        ResourceGrant.ToUser(Ada, Doors, [], schedule: new(zone, [window]));

    private static ResourceGrant Some(Random random)
    {
        string[] patterns = ["#", "home/#", "home/+/door", "home/front/door", "home/lamp"];
        string[] actions = ["open", "lock", "read"];
        var pattern = ResourcePattern.Parse(patterns[random.Next(patterns.Length)]);
        var named = actions.Where(_ => random.Next(2) == 0).ToArray();
        var (from, until) = (random.Next(3) == 0 ? Now + (ulong)random.Next(10) - 5 : 0, random.Next(3) == 0 ? Now + (ulong)random.Next(10) - 5 : 0);
        var schedule = random.Next(3) == 0 ? new WeeklySchedule("Europe/Berlin", [new((byte)random.Next(1, 128), random.Next(1440), random.Next(1, 1441))]) : null;
        return random.Next(2) == 0
            ? ResourceGrant.ToUser(random.Next(2) == 0 ? Ada : Bob, pattern, named, from, until, schedule)
            : ResourceGrant.ToRole((Role)random.Next(1, 4), pattern, named, from, until, schedule);
    }

    private static GrantQuestion Question() => new(Ada, Role.Guest, "home/front/door", "open");

    private static TimeView Time() => new(Now, IsTrusted: true, TimeSpan.Zero);

    private static GrantDecision Check(IEnumerable<ResourceGrant> grants, TimeView? time = null) => GrantCheck.Check(grants, Question(), time ?? Time());

    private sealed class OwnerOnly : ITimeIssuers
    {
        public TimeIssuer Find(Coco.Crypto.NodeId issuer) => new(TimeIssuerKind.OwnerOrControlPlane, default);
    }
}
