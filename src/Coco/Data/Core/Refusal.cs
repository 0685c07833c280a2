namespace Coco.Data.Core;

/// <summary>Why an entry was not taken.</summary>
internal enum Refusal : byte
{
    None,

    /// <summary>Neither who wrote it nor who brought it may write.</summary>
    NotPermitted,

    /// <summary>It is dated too far ahead.</summary>
    Ahead,

    /// <summary>There is no room.</summary>
    Full,

    /// <summary>It is not signed, or not sealed, as it should be.</summary>
    Invalid,

    /// <summary>It is older than all that is remembered of deletions, and not here.</summary>
    Stale,
}
