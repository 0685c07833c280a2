namespace Coco.ControlPlane.Client.Contracts.Invitations;

/// <summary>An invitation, as whoever has the link sees it.</summary>
/// <param name="State"><c>open</c>, <c>used</c>, <c>revoked</c> or <c>expired</c>.</param>
/// <param name="Expires">Until when it is good.</param>
public sealed record InvitationStateView(string State, DateTimeOffset Expires);
