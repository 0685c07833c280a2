namespace Coco.ControlPlane.Client.Contracts.Webhooks;

/// <summary>Where an app's service hears of events.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Url">The address.</param>
/// <param name="Events">Which events.</param>
/// <param name="State"><c>active</c>, or <c>disabled</c> after a day without success: make another.</param>
/// <param name="Created">Since when.</param>
/// <param name="Version">Changes with it.</param>
/// <param name="Secret">The key of signatures, base64url; shown once, when it is made.</param>
public sealed record WebhookView(string Id, string Url, IReadOnlyList<string> Events, string State, DateTimeOffset Created, long Version, string? Secret = null);
