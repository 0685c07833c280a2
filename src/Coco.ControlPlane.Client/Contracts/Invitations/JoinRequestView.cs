namespace Coco.ControlPlane.Client.Contracts.Invitations;

/// <summary>A newcomer's request, as those see it who may invite.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Information">What the newcomer's node exported.</param>
/// <param name="Mac">Shows the inviter that the newcomer has the link.</param>
/// <param name="Created">When it came.</param>
/// <param name="IsAnswered">Whether it is the one that was let in.</param>
public sealed record JoinRequestView(string Id, string Information, string Mac, DateTimeOffset Created, bool IsAnswered);
