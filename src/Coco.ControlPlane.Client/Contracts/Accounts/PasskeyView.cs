namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>A passkey.</summary>
/// <param name="Id">Its name here.</param>
/// <param name="Name">How the person calls it.</param>
/// <param name="Created">When it was added.</param>
/// <param name="Used">When somebody last signed in with it; null for never.</param>
public sealed record PasskeyView(string Id, string Name, DateTimeOffset Created, DateTimeOffset? Used = null);
