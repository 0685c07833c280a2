namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>A network, as its signed statements say.</summary>
/// <param name="Id">The public key of its root, 52 characters.</param>
/// <param name="Kind"><c>developer</c> or <c>user</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Profile"><c>private</c> or <c>open</c>.</param>
/// <param name="Role">What the caller is in it: <c>guest</c>, <c>admin</c> or <c>owner</c>.</param>
/// <param name="Statements">How many statements there are.</param>
/// <param name="Anonymised">Whether services of apps see pseudonyms only. False for developer networks, whose nodes are the developer's to see.</param>
/// <param name="Created">Since when it is here.</param>
/// <param name="Version">Changes with it.</param>
public sealed record NetworkView(string Id, string Kind, string Name, string Profile, string Role, long Statements, bool Anonymised, DateTimeOffset Created, long Version);
