namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>Where somebody is signed in.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Created">When it began.</param>
/// <param name="Expires">When it ends by itself.</param>
/// <param name="IsCurrent">Whether it is the one that asks.</param>
public sealed record SessionView(string Id, DateTimeOffset Created, DateTimeOffset Expires, bool IsCurrent);
