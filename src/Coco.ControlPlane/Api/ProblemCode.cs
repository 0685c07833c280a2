namespace Coco.ControlPlane.Api;

/// <summary>What can be wrong with a request. Each is a <c>type</c> of its own in the answer, <c>urn:coco:problem:statement-missing</c> and so on.</summary>
internal enum ProblemCode
{
    /// <summary>400: the request cannot be read.</summary>
    Malformed,

    /// <summary>400: it can be read, and a value in it is out of bounds.</summary>
    Invalid,

    /// <summary>401: there is no token, or none that holds.</summary>
    Unauthenticated,

    /// <summary>402: the plan does not include it.</summary>
    PlanExceeded,

    /// <summary>403: the caller may see it and may not do this.</summary>
    Forbidden,

    /// <summary>403: the token lacks a scope.</summary>
    InsufficientScope,

    /// <summary>404.</summary>
    NotFound,

    /// <summary>409: what there is already does not go with it.</summary>
    Conflict,

    /// <summary>410: it was there and is over, such as an expired invitation.</summary>
    Gone,

    /// <summary>412: If-Match names another version.</summary>
    VersionMismatch,

    /// <summary>413: more bytes than are taken.</summary>
    TooLarge,

    /// <summary>415: no JSON.</summary>
    UnsupportedMediaType,

    /// <summary>422: nothing signed says so.</summary>
    StatementMissing,

    /// <summary>422: what is signed is not well formed, not of this network, or has no effect in it.</summary>
    StatementRefused,

    /// <summary>422: an Idempotency-Key came with another request before.</summary>
    IdempotencyKeyReused,

    /// <summary>428: a change needs If-Match.</summary>
    VersionMissing,

    /// <summary>429.</summary>
    TooManyRequests,

    /// <summary>500: a fault of this program.</summary>
    Internal,

    /// <summary>503: the instance stops, or cannot reach its database.</summary>
    Unavailable,

    /// <summary>507: the disk is full.</summary>
    StorageFull,
}
