using Coco.Cluster;
using Coco.Cluster.Grants;

namespace Coco;

/// <summary>A grant that is in force in a network, but for its times.</summary>
/// <param name="Id">Its name, by which it can be taken back.</param>
/// <param name="Grant">What it gives.</param>
public sealed record GivenGrant(StatementId Id, ResourceGrant Grant);
