namespace Coco.ControlPlane.Client.Contracts.Webhooks;

/// <summary>Where an app's service wants to hear of events.</summary>
/// <param name="Url">An https address that is reachable from the internet.</param>
/// <param name="Events">Which events: <c>node.created</c>, <c>node.removed</c>, <c>role.changed</c>, <c>invitation.used</c>, <c>usage.warning</c>.</param>
public sealed record CreateWebhookRequest(string Url, IReadOnlyList<string> Events);
