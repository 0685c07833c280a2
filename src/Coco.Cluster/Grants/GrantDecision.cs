namespace Coco.Cluster.Grants;

/// <summary>Whether somebody may do something with a resource, why, and by which grant; of a refusal, the grant that came closest.</summary>
public sealed record GrantDecision(GrantOutcome Outcome, ResourceGrant? Grant)
{
    /// <summary>Whether it is allowed.</summary>
    public bool IsAllowed => Outcome is GrantOutcome.Granted or GrantOutcome.IsOwner;

    /// <summary>The decision in a sentence.</summary>
    public string Explain() => Outcome switch
    {
        GrantOutcome.IsOwner => "allowed: the owner may do everything, at any time",
        GrantOutcome.Granted => $"allowed by the grant of {Grant}",
        GrantOutcome.Expired => $"denied: the grant of {Grant} has expired",
        GrantOutcome.NotYet => $"denied: the grant of {Grant} has not begun",
        GrantOutcome.Lapsed => $"denied: the grant of {Grant} is limited in time, and neither it nor the clock was confirmed since this node started",
        GrantOutcome.TimeUnknown => $"denied: the grant of {Grant} is limited in time, and this node does not know what time it is",
        GrantOutcome.ZoneUnknown => $"denied: the grant of {Grant} has a schedule in a time zone this node does not know, {Grant?.Schedule?.Zone}",
        GrantOutcome.OutsideSchedule => $"denied: the grant of {Grant} has a weekly schedule, and it is not open now",
        GrantOutcome.OtherAction => $"denied: the grant of {Grant} does not name this action",
        GrantOutcome.OtherResource => "denied: no grant to this user names this resource",
        _ => "denied: nothing is granted to this user",
    };
}
