namespace Coco.ControlPlane.Client.Contracts.Webhooks;

/// <summary>
/// What is sent to an app's service. The header <c>Coco-Signature: t=SECONDS,v1=HEX</c> has HMAC-SHA256 under the hook's secret over <c>SECONDS.BODY</c>. The same event may
/// come more than once, with the same id.
/// </summary>
/// <param name="Id">The event's name.</param>
/// <param name="Type">Which event.</param>
/// <param name="At">When it was; the day, where anonymised.</param>
/// <param name="Network">The network; a pseudonym of this app's, where anonymised.</param>
/// <param name="Anonymised">False in the app's own developer networks. True everywhere else.</param>
/// <param name="Node">The node; a pseudonym of this app's, where anonymised.</param>
/// <param name="User">The user whose role changed.</param>
/// <param name="Role">The user's role now.</param>
/// <param name="Invitation">The invitation that was used.</param>
/// <param name="Percent">How much of the allowance is used.</param>
public sealed record WebhookEvent(
    string Id, string Type, DateTimeOffset At, string Network, bool Anonymised, string? Node = null, string? User = null, string? Role = null, string? Invitation = null, int? Percent = null);
