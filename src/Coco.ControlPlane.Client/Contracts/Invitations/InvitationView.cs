namespace Coco.ControlPlane.Client.Contracts.Invitations;

/// <summary>An invitation, as those see it who may invite.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Url">The link without the secret, which the inviter's own program puts behind a <c>#</c>.</param>
/// <param name="State"><c>open</c>, <c>used</c>, <c>revoked</c> or <c>expired</c>.</param>
/// <param name="Role">What the newcomer is to be.</param>
/// <param name="Created">Since when it is here.</param>
/// <param name="Expires">Until when it is good.</param>
/// <param name="Version">Changes with it.</param>
/// <param name="SubCluster">Where the newcomer's node goes; null for the part of its app.</param>
public sealed record InvitationView(string Id, string Url, string State, string Role, DateTimeOffset Created, DateTimeOffset Expires, long Version, string? SubCluster = null);
