namespace Coco.ControlPlane.Client.Contracts.Apps;

/// <summary>What an app is to be from now on.</summary>
/// <param name="Name">How people read it, 1 to 64 characters.</param>
/// <param name="RedirectUris">Where people may be sent back to, at most 10.</param>
/// <param name="Scopes">What it may ask for at most.</param>
public sealed record AppChange(string Name, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> Scopes);
