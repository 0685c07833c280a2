namespace Coco.Cluster.Certificates;

/// <summary>Whether a certificate makes its node a member now, and why not.</summary>
internal enum CertificateVerdict
{
    Valid = 0,

    /// <summary>It is of another network.</summary>
    OtherNetwork,

    /// <summary>The authority it names is not known here, or void. More statements may change that.</summary>
    NoOffice,

    /// <summary>The office it was signed in has been closed, and the certificate is not among those that stay.</summary>
    OfficeClosed,

    /// <summary>The office may not admit such a node: a device by an admin, or to another sub-cluster.</summary>
    NotPermitted,

    UserRevoked,
    NodeRevoked,
    Expired,

    /// <summary>Cut short, not laid out as a certificate, or not signed by whom it names.</summary>
    Unreadable,

    /// <summary>The node is of a sub-cluster that this one does not see.</summary>
    OutOfSight,
}
