namespace Coco.Cluster.Time;

/// <summary>How far a signer is believed when it says what time it is.</summary>
internal enum TimeIssuerKind
{
    /// <summary>Not at all: guests, delegates, the revoked and strangers.</summary>
    None,

    /// <summary>As far as somebody independent confirms it.</summary>
    Admin,

    /// <summary>In full: the owner can end everything anyway, and named the control planes.</summary>
    OwnerOrControlPlane,
}
