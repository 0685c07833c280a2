namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>A role that a user has.</summary>
/// <param name="User">The user's key.</param>
/// <param name="Role"><c>owner</c>, <c>admin</c> or <c>guest</c>.</param>
/// <param name="Statement">The statement that gave it, by which it is taken back.</param>
public sealed record RoleView(string User, string Role, string Statement);
