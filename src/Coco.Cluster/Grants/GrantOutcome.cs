namespace Coco.Cluster.Grants;

/// <summary>Why something is allowed or not; of those that are not, later is closer to being allowed.</summary>
internal enum GrantOutcome
{
    NoGrant,
    OtherSubject,
    OtherResource,
    OtherAction,
    TimeUnknown,
    Expired,
    NotYet,
    Lapsed,
    ZoneUnknown,
    OutsideSchedule,
    Granted,
    IsOwner,
}
