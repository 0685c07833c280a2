namespace Coco.ControlPlane.Client.Contracts.Usage;

/// <summary>Another plan for a network.</summary>
/// <param name="Plan">The plan's name in the control plane's settings.</param>
public sealed record PlanRequest(string Plan);
