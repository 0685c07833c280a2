namespace Coco.Cluster.Time;

/// <summary>
/// What a signer is to the network now. Admins of one <paramref name="Line"/> count as one witness: it is the grant of the owner their
/// tenure goes back to, so that an admin who appoints another has not gained a second voice.
/// </summary>
internal readonly record struct TimeIssuer(TimeIssuerKind Kind, StatementId Line);
