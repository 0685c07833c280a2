namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>A person's account.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Email">The address; null where the caller lacks the scope <c>email</c>.</param>
public sealed record AccountView(string Id, DateTimeOffset Created, string? Email = null);
