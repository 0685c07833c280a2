namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>A control plane that a network lists.</summary>
/// <param name="Id">Its relay's identity.</param>
/// <param name="Where">Where it is: <c>ADDRESS:PORT</c>, <c>wss://…</c> and <c>https://…</c>, with commas between.</param>
public sealed record ControlPlaneView(string Id, string Where);
