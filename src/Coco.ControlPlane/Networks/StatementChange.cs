using Coco.Cluster.Membership;
using Coco.Cluster.Statements;

namespace Coco.ControlPlane.Networks;

/// <summary>What new statements changed.</summary>
/// <param name="Before">What the network was.</param>
/// <param name="After">What it is with them.</param>
/// <param name="Added">Those that were not known, in order.</param>
/// <param name="First">The number of the first of them.</param>
internal sealed record StatementChange(NetworkState Before, NetworkState After, IReadOnlyList<Statement> Added, long First);
