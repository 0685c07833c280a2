using System.Collections.Immutable;

namespace Coco.ControlPlane.OAuth;

/// <summary>An authorization code as stored: what it is bound to.</summary>
internal sealed record Code(
    string AppId, string AccountId, string RedirectUri, string CodeChallenge, ImmutableArray<string> Scopes, string? Nonce, string Family, DateTimeOffset SignedIn, DateTimeOffset Expires, DateTimeOffset? Used);
