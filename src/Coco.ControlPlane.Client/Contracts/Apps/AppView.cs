namespace Coco.ControlPlane.Client.Contracts.Apps;

/// <summary>An app.</summary>
/// <param name="Id">Its name, and its <c>client_id</c>.</param>
/// <param name="Name">How people read it.</param>
/// <param name="Kind">Where it runs.</param>
/// <param name="RedirectUris">Where people may be sent back to.</param>
/// <param name="Scopes">What it may ask for at most.</param>
/// <param name="Created">When it was registered.</param>
/// <param name="Version">Grows with each change. Who changes the app says which one was seen.</param>
public sealed record AppView(string Id, string Name, AppKind Kind, IReadOnlyList<string> RedirectUris, IReadOnlyList<string> Scopes, DateTimeOffset Created, long Version);
