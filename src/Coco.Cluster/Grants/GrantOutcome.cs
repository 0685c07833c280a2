namespace Coco.Cluster.Grants;

/// <summary>Why something is allowed or not; of those that are not, later is closer to being allowed.</summary>
public enum GrantOutcome
{
    /// <summary>There are no grants, or whoever asks is no member.</summary>
    NoGrant,

    /// <summary>Grants are for others.</summary>
    OtherSubject,

    /// <summary>Grants are about other resources.</summary>
    OtherResource,

    /// <summary>Grants are about other actions.</summary>
    OtherAction,

    /// <summary>A grant is limited in time, and nothing is known of the time.</summary>
    TimeUnknown,

    /// <summary>A grant has ended.</summary>
    Expired,

    /// <summary>A grant has not begun.</summary>
    NotYet,

    /// <summary>A grant is limited in time, and neither it nor the clock was confirmed for too long.</summary>
    Lapsed,

    /// <summary>A grant's schedule is in a time zone that is not known here.</summary>
    ZoneUnknown,

    /// <summary>A grant's schedule is not open now.</summary>
    OutsideSchedule,

    /// <summary>A grant allows it.</summary>
    Granted,

    /// <summary>The owner asks.</summary>
    IsOwner,
}
