namespace Coco.Cluster.Membership;

/// <summary>Access somebody in office granted, in the encoding of grants.</summary>
internal readonly record struct GrantedResource(StatementId Id, UserId Issuer, Place By, ReadOnlyMemory<byte> Grant);
