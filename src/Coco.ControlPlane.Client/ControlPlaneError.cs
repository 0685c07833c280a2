namespace Coco.ControlPlane.Client;

/// <summary>What went wrong with a request: the control plane's problems, and what shows at this end.</summary>
public enum ControlPlaneError
{
    /// <summary>A problem of a later version.</summary>
    Unknown = 0,

    /// <summary>It cannot be reached, or broke off.</summary>
    Unreachable,

    /// <summary>What it answered is no answer of a control plane.</summary>
    BadAnswer,

    /// <summary>It shows less than before, or something else in its place: it has lost data, or deceives.</summary>
    RolledBack,

    /// <summary>The request cannot be read.</summary>
    Malformed,

    /// <summary>A value is out of bounds.</summary>
    Invalid,

    /// <summary>The token does not hold.</summary>
    Unauthenticated,

    /// <summary>The plan does not include it.</summary>
    PlanExceeded,

    /// <summary>The caller may not do this.</summary>
    Forbidden,

    /// <summary>The token lacks a scope.</summary>
    InsufficientScope,

    /// <summary>There is no such thing, or it is not the caller's to see.</summary>
    NotFound,

    /// <summary>It does not go with what is there.</summary>
    Conflict,

    /// <summary>It is over.</summary>
    Gone,

    /// <summary>What the caller has seen is not the newest.</summary>
    VersionMismatch,

    /// <summary>Too many bytes.</summary>
    TooLarge,

    /// <summary>The body is no JSON.</summary>
    UnsupportedMediaType,

    /// <summary>Nothing signed says so.</summary>
    StatementMissing,

    /// <summary>What is signed is not well formed, not of this network, or has no effect.</summary>
    StatementRefused,

    /// <summary>The idempotency key belongs to another request.</summary>
    IdempotencyKeyReused,

    /// <summary>A change needs the version that the caller has seen.</summary>
    VersionMissing,

    /// <summary>Too many requests: wait.</summary>
    TooManyRequests,

    /// <summary>A fault of the control plane.</summary>
    Internal,

    /// <summary>Not available for now.</summary>
    Unavailable,

    /// <summary>The control plane has no room left.</summary>
    StorageFull,

    /// <summary>What is there does not take this method.</summary>
    MethodNotAllowed,
}
