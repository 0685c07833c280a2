namespace Coco.ControlPlane.Client.Contracts;

/// <summary>A control plane, as everybody may see it.</summary>
/// <param name="Version">The version of its program.</param>
/// <param name="PublicUrl">Its address for people and apps; null where none is set.</param>
/// <param name="Relay">The relay of the instance that answers; null where it has none.</param>
public sealed record ServiceView(string Version, string? PublicUrl = null, RelayView? Relay = null);
