namespace Coco.Cluster.Members;

/// <summary>Where a row of the node's database belongs.</summary>
internal enum MemberTable
{
    /// <summary>Keys, certificate, sequence numbers and what else there is one of, each under its name.</summary>
    Self,

    /// <summary>By <see cref="StatementId"/>: order of arrival u64 ‖ statement.</summary>
    Statements,

    /// <summary>By node: certificate.</summary>
    Certificates,

    /// <summary>By node: when it last served, in seconds since 1970 UTC, u64 ‖ address record, empty for none.</summary>
    Addresses,

    /// <summary>By ticket: what the inviter keeps of it.</summary>
    Tickets,

    /// <summary>What others said the time was.</summary>
    Times,
}
