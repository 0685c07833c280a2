namespace Coco.ControlPlane.Client.Contracts.Usage;

/// <summary>What one node used of a month.</summary>
/// <param name="Node">The node; empty for those that could not be told apart.</param>
/// <param name="RelayedBytes">Bytes that relays carried for it as sender.</param>
/// <param name="ControlBytes">Bytes between it and the control plane, both ways.</param>
public sealed record NodeUsageView(string Node, long RelayedBytes, long ControlBytes);
