namespace Coco.ControlPlane.Client.Contracts;

/// <summary>A control plane, as everybody may see it.</summary>
/// <param name="Version">The version of its program.</param>
/// <param name="PublicUrl">Its address for people and apps; null where none is set.</param>
public sealed record ServiceView(string Version, string? PublicUrl = null);
