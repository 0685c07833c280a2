namespace Coco.Cluster.Statements;

/// <summary>Why a statement was not taken into the log.</summary>
internal enum Refusal
{
    None = 0,

    /// <summary>More bytes than a statement may have.</summary>
    TooLong,

    /// <summary>Cut short, or not laid out as a statement.</summary>
    Malformed,

    /// <summary>A version of the layout that this release does not know.</summary>
    UnknownVersion,

    /// <summary>It belongs to another network: a replay.</summary>
    OtherNetwork,

    /// <summary>The issuer it names did not sign it.</summary>
    BadSignature,

    /// <summary>The statement it follows is another's, or has another place in the chain.</summary>
    BrokenChain,

    /// <summary>The authority it claims gives its issuer no office: a stranger, or a guest.</summary>
    NotAuthorised,

    /// <summary>The root key says one thing only, at the beginning.</summary>
    RootHasSpoken,

    /// <summary>It lies at or below a snapshot, or on a branch that the snapshot does not contain.</summary>
    BeforeSnapshot,

    /// <summary>As many issuers as may be.</summary>
    TooManyIssuers,

    /// <summary>As many statements of this issuer as may be.</summary>
    TooManyOfIssuer,

    /// <summary>As many branches of this issuer's chain as may be.</summary>
    TooManyBranches,

    /// <summary>As many bytes in the log as the issuer's distance from the owner allows.</summary>
    LogFull,
}
