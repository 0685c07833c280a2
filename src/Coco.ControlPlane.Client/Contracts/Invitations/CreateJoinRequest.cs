namespace Coco.ControlPlane.Client.Contracts.Invitations;

/// <summary>A newcomer asks to be let in, while the inviter is away.</summary>
/// <param name="Information">What its node exported, which begins with coconode1.</param>
/// <param name="Mac">Shows the inviter, and nobody else, that the newcomer has the link: base64url.</param>
public sealed record CreateJoinRequest(string Information, string Mac);
