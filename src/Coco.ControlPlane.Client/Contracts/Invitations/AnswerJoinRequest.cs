namespace Coco.ControlPlane.Client.Contracts.Invitations;

/// <summary>The inviter lets a newcomer in.</summary>
/// <param name="Certificate">The certificate that admits the newcomer's node, base64url.</param>
/// <param name="Admission">What goes to the newcomer, which begins with cocomember1. At most 524,288 characters.</param>
public sealed record AnswerJoinRequest(string? Certificate = null, string? Admission = null);
