using Coco.Cluster.Membership;
using Coco.Cluster.Time;

namespace Coco.Cluster.Grants;

/// <summary>Decides by a list of grants. Each stands for itself: one that allows is enough, none takes away.</summary>
internal static class GrantCheck
{
    /// <param name="grants">Grants in force as far as authority goes; the membership has seen to that.</param>
    /// <param name="question">Who, what, with which.</param>
    /// <param name="time">Best-known time.</param>
    /// <param name="isRefreshed">Whether somebody who may has confirmed a grant since this node started.</param>
    public static GrantDecision Check(
        IEnumerable<ResourceGrant> grants, GrantQuestion question, TimeView time, Func<ResourceGrant, bool>? isRefreshed = null)
    {
        if (question.Role is Role.Owner) { return new(GrantOutcome.IsOwner, null); }
        var best = new GrantDecision(GrantOutcome.NoGrant, null);
        foreach (var grant in grants)
        {
            var outcome = Judge(grant, question, time, isRefreshed);
            if (outcome > best.Outcome) { best = new(outcome, grant); }
        }
        return best;
    }

    private static GrantOutcome Judge(ResourceGrant grant, GrantQuestion question, TimeView time, Func<ResourceGrant, bool>? isRefreshed)
    {
        // Guests need not be listed: who has a valid certificate and no role is one.
        var role = question.Role is Role.None ? Role.Guest : question.Role;
        var isSubject = grant.User.IsDefault ? grant.Role == role : grant.User == question.User;
        if (!isSubject) { return GrantOutcome.OtherSubject; }
        if (!grant.Resources.Matches(question.Resource)) { return GrantOutcome.OtherResource; }
        if (grant.Actions.Count > 0 && !grant.Actions.Contains(question.Action, StringComparer.Ordinal)) { return GrantOutcome.OtherAction; }
        var verdict = time.Judge(grant.From, grant.Until, grant.Schedule is not null, isRefreshed?.Invoke(grant) ?? false);
        if (verdict is not TimeVerdict.InForce)
        {
            return verdict switch
            {
                TimeVerdict.Expired => GrantOutcome.Expired,
                TimeVerdict.NotYet => GrantOutcome.NotYet,
                TimeVerdict.Lapsed => GrantOutcome.Lapsed,
                _ => GrantOutcome.TimeUnknown,
            };
        }
        if (grant.Schedule is not { } schedule) { return GrantOutcome.Granted; }
        if (!schedule.IsZoneKnown) { return GrantOutcome.ZoneUnknown; }
        return schedule.IsOpen(time.UnixSeconds) ? GrantOutcome.Granted : GrantOutcome.OutsideSchedule;
    }
}
