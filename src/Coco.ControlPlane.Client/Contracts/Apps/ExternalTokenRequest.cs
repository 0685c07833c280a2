namespace Coco.ControlPlane.Client.Contracts.Apps;

/// <summary>Asks for a token for one of a developer's own users.</summary>
/// <param name="ExternalUserId">The developer's name for the user, 1 to 128 visible ASCII characters. No personal data, please: nobody needs it.</param>
/// <param name="Network">The network, which the app owns.</param>
/// <param name="Expires">When it ends, within 24 hours.</param>
/// <param name="Scopes">What it is for: some of <c>networks:read</c>, <c>nodes:read</c>, <c>nodes:write</c>, <c>resources:use</c> that the app has itself.</param>
public sealed record ExternalTokenRequest(string ExternalUserId, string Network, DateTimeOffset Expires, IReadOnlyList<string> Scopes);
