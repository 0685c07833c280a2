using Coco.Cluster;

namespace Coco.ControlPlane.Client;

/// <summary>What a control plane was brought of a network.</summary>
/// <param name="Network">The network.</param>
/// <param name="IsNew">Whether it was not there before.</param>
/// <param name="Statements">How many signed statements it lacked.</param>
/// <param name="Nodes">How many nodes it did not know, or by an older certificate.</param>
public sealed record NetworkRegistration(NetworkId Network, bool IsNew, int Statements, int Nodes);
