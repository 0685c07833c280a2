namespace Coco.Cluster.Membership;

/// <summary>Why a statement in the log has no effect.</summary>
internal enum VoidReason
{
    /// <summary>It has its effect.</summary>
    None = 0,

    /// <summary>Its type, or what it says, is of a later version.</summary>
    Unknown,

    /// <summary>The office it was made in does not count: what gave it is void, or another owner is in office.</summary>
    NoOffice,

    /// <summary>Its issuer signed another statement in its place, and that one counts.</summary>
    OtherBranch,

    /// <summary>A revocation, a recovery, a transfer or a resignation ended the office before it.</summary>
    BeyondCut,

    /// <summary>The office may not do this.</summary>
    NotPermitted,

    /// <summary>It is about the owner, whom nobody else may touch.</summary>
    TouchesOwner,

    /// <summary>It is about somebody at least as senior as its issuer.</summary>
    NotJunior,

    /// <summary>Another key that would have to agree has not signed.</summary>
    NotAgreed,

    /// <summary>The key that recovers was not the one on record where it cuts, or has retired.</summary>
    NotOnRecord,

    /// <summary>A snapshot has taken its place.</summary>
    InSnapshot,
}
