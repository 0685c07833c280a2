namespace Coco.ControlPlane.Client.Contracts.Invitations;

/// <summary>A link for one newcomer. What the newcomer becomes is for the inviter to sign; here it is a label.</summary>
/// <param name="Expires">Until when the link is good, at most 30 days from now.</param>
/// <param name="Role"><c>guest</c> or <c>admin</c>.</param>
/// <param name="SubCluster">Where the newcomer's node goes; null for the part of its app.</param>
public sealed record CreateInvitationRequest(DateTimeOffset Expires, string Role = "guest", string? SubCluster = null);
