namespace Coco.Cluster.Time;

/// <summary>Whether something limited in time holds now.</summary>
internal enum TimeVerdict
{
    InForce,
    NotYet,
    Expired,

    /// <summary>Nobody has confirmed it, or the time, since this node started, and that was too long ago.</summary>
    Lapsed,

    /// <summary>This node knows no time at all.</summary>
    TimeUnknown,
}
