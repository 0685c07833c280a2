namespace Coco.ControlPlane.Accounts;

/// <summary>A person, as stored.</summary>
/// <param name="Id">The account's name.</param>
/// <param name="Email">Where mail reaches the person, confirmed.</param>
/// <param name="Password">The hash of the password; null where there is none.</param>
/// <param name="Locked">When an operator locked it; null where it is open.</param>
/// <param name="Created">When the address was confirmed.</param>
/// <param name="Version">Counts its changes.</param>
internal sealed record Account(string Id, string Email, string? Password, DateTimeOffset? Locked, DateTimeOffset Created, long Version);
