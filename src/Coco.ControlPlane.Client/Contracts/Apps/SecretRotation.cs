namespace Coco.ControlPlane.Client.Contracts.Apps;

/// <summary>Asks for a new secret.</summary>
/// <param name="OverlapSeconds">How long the one before is good, from 0 to 604,800; a day by default.</param>
public sealed record SecretRotation(int? OverlapSeconds = null);
