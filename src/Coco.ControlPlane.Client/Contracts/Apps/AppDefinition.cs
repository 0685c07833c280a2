namespace Coco.ControlPlane.Client.Contracts.Apps;

/// <summary>An app to be registered.</summary>
/// <param name="Name">How people read it, 1 to 64 characters.</param>
/// <param name="Kind">Where it runs. It stays so.</param>
/// <param name="RedirectUris">Where people may be sent back to, at most 10: https, or for native apps a scheme of their own or loopback.</param>
/// <param name="Scopes">What it may ask for at most.</param>
public sealed record AppDefinition(string Name, AppKind Kind, IReadOnlyList<string>? RedirectUris = null, IReadOnlyList<string>? Scopes = null);
