namespace Coco.ControlPlane.Client.Contracts.Invitations;

/// <summary>What became of a newcomer's request.</summary>
/// <param name="Id">Its name, by which the newcomer asks again.</param>
/// <param name="State"><c>waiting</c>, <c>admitted</c>, or <c>refused</c> where the invitation is over or somebody else was let in.</param>
/// <param name="Admission">What makes the node a member; null unless it is admitted. The newcomer verifies it.</param>
public sealed record JoinStateView(string Id, string State, string? Admission = null);
