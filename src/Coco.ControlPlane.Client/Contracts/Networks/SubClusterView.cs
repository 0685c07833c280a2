namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>A part of a network.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Nodes">How many nodes it has.</param>
public sealed record SubClusterView(string Name, long Nodes);
